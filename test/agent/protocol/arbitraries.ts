import fc from "fast-check"
import { formatAddress } from "../../../src/core/address.ts"
import {
  type IpvsDestination,
  type Persistence,
  schedulers,
  type ServiceKey,
} from "../../../src/model/ipvs.ts"
import type { ServiceHead } from "../../../src/agent/protocol/ipvs-service.ts"

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const port = fc.integer({ min: 0, max: 65_535 })
const family = fc.constantFrom(4 as const, 6 as const)

/** An address of that family, in its one spelling. */
export const address = (version: 4 | 6): fc.Arbitrary<string> =>
  bytes(version === 4 ? 4 : 16).map(formatAddress)

const keyOf = (version: 4 | 6): fc.Arbitrary<ServiceKey> =>
  fc.oneof(
    fc.record({
      kind: fc.constant("address" as const),
      protocol: fc.constantFrom("tcp" as const, "udp" as const, "sctp" as const),
      address: address(version),
      port,
    }),
    fc.record({
      kind: fc.constant("fwmark" as const),
      fwmark: fc.integer({ min: 1, max: 0xffffffff }),
      family: fc.constant(version),
    }),
  )

const persistenceOf = (version: 4 | 6): fc.Arbitrary<Persistence> =>
  fc
    .record({
      timeoutSeconds: fc.integer({ min: 1, max: 1_000_000 }),
      prefixLength: fc.integer({ min: 1, max: version === 4 ? 32 : 128 }),
      sip: fc.boolean(),
    })
    .map(({ sip, ...rest }) => (sip ? { ...rest, engine: "sip" as const } : rest))

const flagsOf = (scheduler: string) =>
  scheduler === "sh" || scheduler === "mh"
    ? fc.subarray([`${scheduler}-fallback` as const, `${scheduler}-port` as const])
    : fc.constant([])

/** Any service a kernel can hold. */
export const serviceHead: fc.Arbitrary<ServiceHead> = fc
  .tuple(family, fc.constantFrom(...schedulers))
  .chain(([version, scheduler]) =>
    fc
      .record({
        key: keyOf(version),
        flags: flagsOf(scheduler),
        onePacket: fc.boolean(),
        persistence: fc.option(persistenceOf(version), { nil: undefined }),
      })
      .map(({ persistence, ...rest }) => ({
        ...rest,
        scheduler,
        ...(persistence === undefined ? {} : { persistence }),
      })),
  )

const tunnel = fc.oneof(
  fc.constant({ type: "gre" as const }),
  fc.record({ type: fc.constant("gue" as const), port: fc.integer({ min: 1, max: 65_535 }) }),
)

/** Any destination a kernel can hold. */
export const destination: fc.Arbitrary<IpvsDestination> = fc
  .record({
    address: family.chain(address),
    port,
    weight: fc.integer({ min: 0, max: 0x7fffffff }),
    upperThreshold: fc.integer({ min: 0, max: 0x7fffffff }),
    lowerThreshold: fc.integer({ min: 0, max: 0x7fffffff }),
    method: fc.oneof(
      fc.record({
        forwarding: fc.constantFrom("dr" as const, "nat", "tun", "local", "bypass"),
      }),
      fc.record({ forwarding: fc.constant("tun" as const), tunnel }),
    ),
  })
  .map(({ method, ...rest }) => ({ ...rest, ...method }))
