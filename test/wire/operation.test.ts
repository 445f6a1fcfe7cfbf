import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Operation } from "../../src/model/plan.ts"
import { operationsText, parseOperations } from "../../src/wire/operation.ts"

const word = fc.string().filter((text) => !text.includes("\0"))
const argv = fc.array(word)
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ op: fc.constant("module"), name: word }),
  fc.record({ op: fc.constant("sysctl"), key: word, value: word, prior: word }),
  fc.record({ op: fc.constant("sysctl-restore"), key: word, prior: word }),
  fc.record({ op: fc.constantFrom("link-up", "link-down"), device: word }),
  fc.record({ op: fc.constantFrom("address-add", "address-remove"), cidr: word, device: word }),
  fc.record({
    op: fc.constant("file"),
    path: word,
    sha256: word,
    mode: word,
    owner: word,
    prior: word,
  }),
  fc.record({ op: fc.constant("file-remove"), path: word, prior: word }),
  fc.record({
    op: fc.constantFrom("unit-enable", "unit-disable", "unit-start", "unit-stop"),
    name: word,
  }),
  fc.record({ op: fc.constant("run"), name: word, run: argv }),
  fc.record({ op: fc.constant("run"), name: word, run: argv, withdraw: argv }),
  fc.record({ op: fc.constant("await"), name: word, run: argv, timeoutSeconds: fc.nat() }),
) as fc.Arbitrary<Operation>

describe("operationsText", () => {
  it("is undone by parseOperations", () => {
    fc.assert(
      fc.property(fc.array(operation), (operations) => {
        expect(parseOperations(operationsText(operations))).toEqual({ ok: true, value: operations })
      }),
    )
  })

  it("is readable", () => {
    expect(
      operationsText([
        { op: "sysctl", key: "net.ipv4.conf.all.arp_ignore", value: "1", prior: "0" },
        {
          op: "run",
          name: "lbagent",
          run: ["lbagent", "reload"],
          withdraw: ["lbagent", "release"],
        },
      ]),
    ).toBe(
      "op 1 sysctl net.ipv4.conf.all.arp_ignore 1 0\nwithdraw 2 lbagent release\nop 2 run lbagent lbagent reload\n",
    )
  })
})

describe("parseOperations", () => {
  it.each([
    "op 2 module x\n",
    "op 1 nonsense x\n",
    "op 1 module\n",
    "op 1 module a b\n",
    "op 1 await name soon true\n",
    "withdraw 1 a\n",
    "withdraw 1 a\nop 1 module x\n",
    "op 1 module 'x\n",
  ])("names the line it does not take: %j", (text) => {
    expect(parseOperations(text)).toMatchObject({ ok: false, error: { rule: "wire-operation" } })
  })
})
