import type { PacketTest } from "../model/packet-filter.ts"
import { protocolNumber } from "./ip-protocols.ts"

/** What nft prints as an object; anything else has no fields. */
export function fieldsOf(value: unknown): ReadonlyMap<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? new Map(Object.entries(value))
    : new Map()
}

/** A text of an object; empty where it has none of that name. */
export function textOf(fields: ReadonlyMap<string, unknown>, name: string): string {
  const value = fields.get(name)
  return typeof value === "string" ? value : ""
}

const unknown: PacketTest = { kind: "unknown" }

/** A `match` of a rule (libnftables-json(5)); all of its tests have to pass. */
export function matchTests(match: ReadonlyMap<string, unknown>): readonly PacketTest[] {
  const tests = testsOf(match.get("left"), match.get("right"))
  const operator = textOf(match, "op")
  if (operator === "==" || operator === "in") return tests
  // What a field belongs to is no part of what is denied: `tcp dport != 25` is for TCP all the same.
  if (operator === "!=")
    return tests.map((test, at) => (at === tests.length - 1 ? { ...test, not: true } : test))
  return [...tests.slice(0, -1), unknown]
}

/** The tests for an expression to be one of some values. */
export function testsOf(left: unknown, right: unknown): readonly PacketTest[] {
  const values = valuesOf(right)
  const of = (name: string): ReadonlyMap<string, unknown> | undefined => {
    const part = fieldsOf(left).get(name)
    return part === undefined ? undefined : fieldsOf(part)
  }
  const [payload, meta, track] = [of("payload"), of("meta"), of("ct")]
  if (payload !== undefined)
    return payloadTests(textOf(payload, "protocol"), textOf(payload, "field"), values)
  if (meta !== undefined) return [metaTest(textOf(meta, "key"), values)]
  const key = track === undefined ? "" : textOf(track, "key")
  const states = textsOf(values)
  if (states === undefined) return [unknown]
  if (key === "state") return [{ kind: "state", states }]
  return key === "status" && states.join() === "dnat" ? [{ kind: "state", states }] : [unknown]
}

/** The values of a set or of one; undefined for a set with a name, which may change at any time. */
function valuesOf(right: unknown): readonly unknown[] | undefined {
  const set = Array.isArray(right) ? right : fieldsOf(right).get("set")
  const values: readonly unknown[] = Array.isArray(set) ? set : [right]
  return values.some((value) => typeof value === "string" && value.startsWith("@"))
    ? undefined
    : values
}

function textsOf(values: readonly unknown[] | undefined): string[] | undefined {
  const texts = (values ?? []).flatMap((value) =>
    typeof value === "string" || typeof value === "number" ? [String(value)] : [],
  )
  return values === undefined || texts.length < values.length ? undefined : texts
}

function payloadTests(
  protocol: string,
  field: string,
  values: readonly unknown[] | undefined,
): readonly PacketTest[] {
  if (protocol === "ip" || protocol === "ip6")
    return [{ kind: "family", families: [protocol === "ip" ? 4 : 6] }, headerTest(field, values)]
  const ports = field === "dport" ? portTest(values) : unknown
  if (protocol === "th") return [ports]
  const number = protocolNumber(protocol)
  return number === undefined ? [unknown] : [{ kind: "protocol", protocols: [number] }, ports]
}

function headerTest(field: string, values: readonly unknown[] | undefined): PacketTest {
  switch (field) {
    case "protocol":
    case "nexthdr":
      return protocolTest(values)
    case "saddr":
    case "daddr": {
      const networks = values?.map(networkOf)
      return networks?.every((network) => network !== undefined) === true
        ? { kind: field === "saddr" ? "source" : "destination", networks }
        : unknown
    }
    default:
      return unknown
  }
}

function metaTest(key: string, values: readonly unknown[] | undefined): PacketTest {
  const texts = textsOf(values)
  if (texts === undefined) return unknown
  switch (key) {
    case "l4proto":
      return protocolTest(values)
    case "iif":
    case "iifname":
      return { kind: "interface", names: texts }
    case "nfproto":
    case "protocol": {
      const families = texts.flatMap((text) => familyNames.get(text) ?? [])
      return families.length < texts.length ? unknown : { kind: "family", families }
    }
    default:
      return unknown
  }
}

const familyNames: ReadonlyMap<string, 4 | 6> = new Map([
  ["ipv4", 4],
  ["ip", 4],
  ["ipv6", 6],
  ["ip6", 6],
])

function protocolTest(values: readonly unknown[] | undefined): PacketTest {
  const protocols = textsOf(values)?.map(protocolNumber)
  return protocols?.every((number) => number !== undefined) === true
    ? { kind: "protocol", protocols }
    : unknown
}

function portTest(values: readonly unknown[] | undefined): PacketTest {
  const ranges = values?.map(rangeOf)
  return ranges?.every((range) => range !== undefined) === true ? { kind: "port", ranges } : unknown
}

function rangeOf(value: unknown): readonly [number, number] | undefined {
  if (typeof value === "number") return [value, value]
  const range = fieldsOf(value).get("range")
  const [first, last]: readonly unknown[] = Array.isArray(range) ? range : []
  return typeof first === "number" && typeof last === "number" ? [first, last] : undefined
}

/** `192.0.2.0/24`; undefined for a range of addresses. */
function networkOf(value: unknown): string | undefined {
  if (typeof value === "string") return value
  const prefix = fieldsOf(fieldsOf(value).get("prefix"))
  const [base, length] = [textOf(prefix, "addr"), prefix.get("len")]
  return base === "" || typeof length !== "number" ? undefined : `${base}/${length}`
}
