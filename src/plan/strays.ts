import { canonicalAddress } from "../core/address.ts"
import { isLinkScope, isLoopbackAddress } from "../core/address-scope.ts"
import type { Examination } from "../model/doctor.ts"
import type { Observed } from "../model/observed.ts"
import { slashed } from "./doctor/kept.ts"
import type { HostInput } from "./host.ts"

type Held = Observed["addresses"][number]

/** An address of the kind that VIPs are, which a real server holds and no release of lbctl put there. */
export interface Stray extends Held {
  readonly host: string
  /** `vip`: the fleet has it as a VIP, and not here, or not so. `foreign`: lbctl does not know whose it is. */
  readonly kind: "vip" | "foreign"
}

/** What the fleet's definition says of addresses. */
export interface KnownAddresses {
  /** VIPs and VRRP's own of all clusters. */
  readonly vips: ReadonlySet<string>
  /** By which hosts are reached, or send. */
  readonly hosts: ReadonlySet<string>
}

/** Devices that no network is behind: the loopback, dummies, and those that only tunnels' packets come out of. */
const silentDevice = /^(lo\d*|dummy\d+|tunl\d+|ip6tnl\d+|gre\d+)$/

/**
 * Addresses that others left on a real server's silent devices. What a loopback has by itself and what is of link scope is none; what
 * lbctl owns there is an apply's business.
 */
export function straysOf(input: HostInput, known: KnownAddresses): Stray[] {
  const { bundle, observed, view } = input
  const ours = new Set([...bundle.addresses, ...observed.owned.addresses].map(keyOf))
  const own = new Set(view.addresses.map(canonicalAddress))
  return observed.addresses
    .filter(
      (held) =>
        silentDevice.test(held.device) &&
        !ours.has(keyOf(held)) &&
        !own.has(held.address) &&
        !known.hosts.has(held.address) &&
        !isLoopbackAddress(held.address) &&
        !isLinkScope(held.address),
    )
    .map((held) => ({
      ...held,
      host: observed.host,
      kind: known.vips.has(held.address) ? "vip" : "foreign",
    }))
}

/** The strays that are taken away: VIPs of the fleet, and of the others those that somebody named. */
export function chosenStrays(strays: readonly Stray[], named: readonly string[]): Stray[] {
  const asked = new Set(named.map(canonicalAddress))
  return strays.filter(({ kind, address }) => kind === "vip" || asked.has(address))
}

/** What the operator is told of strays that stay, and of what else others left. */
export function strayText(
  staying: readonly Stray[],
  leftovers: readonly Leftover[],
): readonly string[] {
  return [
    ...staying.flatMap(({ host, address, prefix, device }) => [
      `${host}: ${address}/${prefix} on ${device} is no VIP of this fleet: left alone`,
      `    if nobody needs it: lbctl realserver prune --limit ${host} --foreign ${address}`,
    ]),
    ...leftovers.flatMap(({ host, message, cure }) => [
      `${host}: ${message}`,
      `    on ${host}: ${cure}`,
    ]),
  ]
}

/** The input of a host that owns these addresses: what an apply of it takes away. */
export function owning(input: HostInput, strays: readonly Stray[]): HostInput {
  const { observed } = input
  const taken = strays
    .filter(({ host }) => host === observed.host)
    .map(({ address, prefix, device }) => ({ address, prefix, device }))
  const addresses = [...observed.owned.addresses, ...taken]
  return { ...input, observed: { ...observed, owned: { ...observed.owned, addresses } } }
}

/** Something that others left on a host besides addresses, and that lbctl leaves alone. */
export interface Leftover {
  readonly host: string
  readonly message: string
  /** A command for the operator. */
  readonly cure: string
}

/** Units by the names that guides and packages give to what sets up a real server. */
export const knownUnits = [
  "lvs-realserver.service",
  "lvs_realserver.service",
  "lvs-real.service",
  "lvs_real.service",
  "lvs-dr.service",
  "lvsrs.service",
]

/** What would bring strays back, or the ARP switches down, at a boot. */
export function leftoversOf(
  { bundle, observed }: HostInput,
  { units, naming, kept }: Pick<Examination, "units" | "naming" | "kept">,
): Leftover[] {
  const { host } = observed
  const ours = new Set([...observed.owned.files, ...bundle.files.map(({ path }) => path)])
  const wanted = new Map(bundle.sysctls.map(({ key, value }) => [slashed(key), value]))
  return [
    ...[...units]
      .filter(([name, { enabled, running }]) => knownUnits.includes(name) && (enabled || running))
      .map(([name, { enabled }]) => ({
        host,
        message: `the unit ${name} is ${enabled ? "enabled" : "running"}: its stop may put ARP switches back to 0`,
        cure: `systemctl disable ${name}, and remove it`,
      })),
    ...naming
      .filter(({ file }) => !ours.has(file))
      .map(({ address, file }) => ({
        host,
        message: `${file} names ${address}, and may bring it back`,
        cure: `grep -nF ${address} ${file}`,
      })),
    ...kept
      .filter(({ file, key, value }) => {
        const ourValue = wanted.get(slashed(key))
        return (
          /arp_(ignore|announce)$/.test(key) && !ours.has(file) && (ourValue ?? value) !== value
        )
      })
      .map(({ file, key, value }) => ({
        host,
        message: `${file} sets ${key} to ${value}, and lbctl wants ${wanted.get(slashed(key)) ?? ""}`,
        cure: `sed -i '/^ *-*${key.replaceAll(/[./]/g, "[./]")} *=/d' ${file}`,
      })),
  ]
}

function keyOf({ address, prefix, device }: Held): string {
  return `${device} ${canonicalAddress(address)}/${prefix}`
}
