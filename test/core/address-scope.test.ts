import { describe, expect, it } from "vitest"
import { isLinkScope, isLoopbackAddress } from "../../src/core/address-scope.ts"

describe("scopes of addresses", () => {
  it.each(["169.254.0.1", "169.254.255.255", "fe80::1", "febf::1"])(
    "%s is of one link",
    (address) => {
      expect([isLinkScope(address), isLoopbackAddress(address)]).toEqual([true, false])
    },
  )

  it.each(["127.0.0.1", "127.255.0.53", "::1"])("%s is every host's own", (address) => {
    expect([isLinkScope(address), isLoopbackAddress(address)]).toEqual([false, true])
  })

  it.each(["10.0.0.1", "169.253.0.1", "126.0.0.1", "fec0::1", "fd00::1", "::2"])(
    "%s is neither",
    (address) => {
      expect([isLinkScope(address), isLoopbackAddress(address)]).toEqual([false, false])
    },
  )
})
