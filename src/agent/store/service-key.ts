import { family } from "../../core/address.ts"
import type { Check } from "../../core/shape.ts"
import { object, oneOf, such, whole } from "../../core/shape.ts"
import type { MarkMatch } from "../../model/mark-rules.ts"

export const address = such((value) => family(value) !== undefined, "an IP address")
/** 0: all ports of a VIP. */
export const servicePort = whole(0, 65_535)
const protocol = oneOf("tcp", "udp", "sctp")

const addressKey = object({ kind: oneOf("address"), protocol, address, port: servicePort })
const markKey = object({
  kind: oneOf("fwmark"),
  fwmark: whole(1, 0xffffffff),
  family: oneOf(4, 6),
})

/** A ServiceKey. */
export const serviceKey: Check = (value, path) => {
  const marked =
    typeof value === "object" && value !== null && "kind" in value && value.kind === "fwmark"
  return (marked ? markKey : addressKey)(value, path)
}

export const markMatch = object<MarkMatch>({
  address,
  protocol,
  first: servicePort,
  last: servicePort,
})
