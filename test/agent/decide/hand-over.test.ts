import { describe, expect, it } from "vitest"
import { handedOver } from "../../../src/agent/decide/hand-over.ts"
import { destination, held, server, service } from "../../plan/samples.ts"

const theirs = service({ ipvs: "keepalived", servers: [server(1, { weight: 5 }), server(2)] })

describe("handedOver", () => {
  it("gives each server that stays its defined weight: keepalived would never mend it", () => {
    const table = [held([destination(1, 0), destination(2)])]
    expect(handedOver([theirs], table)).toEqual([held([destination(1, 5), destination(2)])])
  })

  it("removes leavers, which keepalived does not know", () => {
    const table = [held([destination(2), destination(9, 0)])]
    expect(handedOver([theirs], table)).toEqual([held([destination(2)])])
  })

  it("removes a server that failed its check, for keepalived makes it and finds out", () => {
    const table = [held([destination(1, 0), destination(2)])]
    const inhibiting = { ...theirs, inhibitOnFailure: true }
    expect(handedOver([inhibiting], table)).toEqual([held([destination(2)])])
  })

  it("leaves the sorry server while nobody else serves", () => {
    expect(handedOver([theirs], [held([destination(99)])])).toEqual([held([destination(99)])])
    expect(handedOver([theirs], [held([destination(2), destination(99)])])).toEqual([
      held([destination(2)]),
    ])
  })

  it("has nothing to say of services that the kernel does not hold", () => {
    expect(handedOver([theirs], [])).toEqual([])
  })
})
