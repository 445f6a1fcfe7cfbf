import fc from "fast-check"
import { expect, it } from "vitest"
import { addressOrder } from "../../src/compile/address-order.ts"
import { compareAddresses } from "../../src/core/address.ts"

it("orders addresses as compareAddresses does", () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6())
  fc.assert(
    fc.property(fc.uniqueArray(address), (addresses) => {
      const order = addressOrder(addresses)
      const sorted = [...addresses].sort((a, b) => order(a) - order(b))
      for (const [index, next] of sorted.slice(1).entries())
        expect(compareAddresses(sorted[index] ?? "", next)).toBeLessThanOrEqual(0)
    }),
  )
})
