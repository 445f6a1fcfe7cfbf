import { createHash } from "node:crypto"
import type { Bundle, FileResource } from "../../src/model/bundle.ts"
import type { Operation } from "../../src/model/plan.ts"
import { owner } from "./scratch.ts"

/** A release of a small real server, with everything the script can do in it. */
export function sampleBundle(changes: Partial<Bundle> = {}): Bundle {
  return {
    host: "rs1",
    id: "b".repeat(64),
    roles: ["realserver"],
    modules: [],
    sysctls: [{ key: "net.ipv4.conf.all.arp_ignore", value: "1" }],
    linksUp: ["tunl0"],
    addresses: [{ address: "192.0.2.10", prefix: 32, device: "lo" }],
    files: [
      file("/etc/lbctl/new/agent.json", "{}\n", "0640"),
      file("/etc/motd", "new\n", "0644"),
      file("/etc/systemd/system/web.service", "[Service]\n", "0644"),
    ],
    units: [{ name: "web.service", enabled: true, running: true }],
    handlers: [{ name: "web", run: ["systemctl", "daemon-reload"] }],
    requires: [],
    ...changes,
  }
}

export function file(path: string, content: string, mode: string): FileResource {
  return { path, content, mode, owner, notify: [] }
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex")
}

/** What brings a node with `/etc/motd` = `old` and `/etc/gone` = `gone` to `sampleBundle`. */
export function sampleOperations(bundle: Bundle): Operation[] {
  const [agent, motd, unit] = bundle.files
  if (agent === undefined || motd === undefined || unit === undefined) throw new Error("sample")
  return [
    { op: "sysctl", key: "net.ipv4.conf.all.arp_ignore", value: "1", prior: "0" },
    { op: "link-up", device: "tunl0" },
    fileOperation(agent, "-"),
    fileOperation(motd, sha256("old\n")),
    fileOperation(unit, "-"),
    { op: "run", name: "daemon-reload", run: ["systemctl", "daemon-reload"] },
    { op: "address-add", cidr: "192.0.2.10/32", device: "lo" },
    { op: "unit-enable", name: "web.service" },
    { op: "unit-start", name: "web.service" },
    { op: "file-remove", path: "/etc/gone", prior: sha256("gone\n") },
    { op: "run", name: "web", run: ["true"] },
    { op: "await", name: "web", run: ["true"], timeoutSeconds: 5 },
  ]
}

export function fileOperation(resource: FileResource, prior: string): Operation {
  return {
    op: "file",
    path: resource.path,
    sha256: sha256(resource.content),
    mode: resource.mode,
    owner: resource.owner,
    prior,
  }
}
