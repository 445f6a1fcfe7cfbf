import { describe, expect, it } from "vitest"
import type { Operation } from "../../src/model/plan.ts"
import { operationFailed } from "../../src/push/operation-words.ts"

describe("operationFailed()", () => {
  it.each<[Operation, string]>([
    [
      { op: "run", name: "keepalived-reload", run: ["systemctl", "reload", "keepalived.service"] },
      "the handler keepalived-reload failed (systemctl reload keepalived.service)",
    ],
    [
      { op: "await", name: "web", run: ["sh", "-c", "test -e /x"], timeoutSeconds: 10 },
      "web did not get ready within 10s (sh -c 'test -e /x')",
    ],
    [
      { op: "unit-start", name: "lbagent.service" },
      "the unit lbagent.service could not be started",
    ],
    [
      { op: "address-add", cidr: "192.0.2.1/32", device: "lo" },
      "the address 192.0.2.1/32 could not be added to lo",
    ],
    [
      { op: "sysctl", key: "net.ipv4.ip_forward", value: "1", prior: "0" },
      "the sysctl net.ipv4.ip_forward could not be set to 1",
    ],
    [{ op: "file-remove", path: "/etc/x", prior: "-" }, "the file /etc/x could not be removed"],
  ])("names what %o was to do", (operation, words) => {
    expect(operationFailed(operation)).toBe(words)
  })
})
