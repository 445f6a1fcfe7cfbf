import { describe, expect, it } from "vitest"
import type { Patient } from "../../../src/plan/doctor/check.ts"
import { keepalivedChecks } from "../../../src/plan/doctor/keepalived.ts"
import { vrrp } from "../fixtures.ts"
import { director, messages, ward } from "./ward.ts"

const found = (id: string, ...hosts: readonly Patient[]) =>
  messages(keepalivedChecks, id, ward(...hosts))
const version = (keepalived: string) => ({ observed: { facts: { keepalived } } })

describe("the doctor on keepalived", () => {
  it("V01 wants the keepalived that the work needs", () => {
    expect(found("V01", director("lb1", version("2.1.5")))).toEqual([
      "lb1: keepalived is 2.1.5, and 2.2.0 is needed",
    ])
    expect(found("V01", director("lb1", version("2.10.0")))).toEqual([])
    const native = { vrrp: [vrrp({ driver: "native" })] }
    expect(found("V01", director("lb1", version("2.1.5"), native))).toEqual([])
  })
})
