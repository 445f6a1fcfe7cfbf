import { canonicalAddress, family } from "../core/address.ts"
import type { Problem } from "../core/problem.ts"
import { isProgramPath } from "../core/program-path.ts"
import { err, ok, type Result } from "../core/result.ts"
import type { Examination, IpRoute } from "../model/doctor.ts"
import type { FilterChain } from "../model/packet-filter.ts"
import { parseIptablesSave } from "./iptables-save.ts"
import { parseNftList } from "./nft-list.ts"
import { parseKeepalived } from "./doctor-keepalived.ts"
import { parsePrograms } from "./doctor-programs.ts"
import { isPlainWord } from "./shell.ts"

/** What to look at on a host besides what is always told. */
export interface DoctorRequest {
  readonly modules: readonly string[]
  readonly units: readonly string[]
  /** Addresses to which the way is wanted. */
  readonly routes: readonly string[]
  /** Addresses whose MAC is wanted, as the host knows it. */
  readonly neighbours: readonly string[]
  /** Addresses that files of others may name. */
  readonly names: readonly string[]
  /** Interfaces that forward what they receive. */
  readonly receivers: readonly string[]
  /** How keepalived runs. */
  readonly keepalived: boolean
  /** Absolute paths of programs that somebody runs. */
  readonly programs: readonly string[]
}

/** Asks for what is always told, and for nothing else. */
export const bareDoctorRequest: DoctorRequest = {
  modules: [],
  units: [],
  routes: [],
  neighbours: [],
  names: [],
  receivers: [],
  keepalived: false,
  programs: [],
}

/** What a host says; its clock is the caller's to compare. */
export type DoctorReply = Omit<Examination, "host" | "clockMs"> & {
  /** Milliseconds since 1970 by the host's clock, to a second. */
  readonly nowMs: number
}

/**
 * Standard input of `observeCommand`: `reading` is `observeScript`, `script` is lbctl-doctor.sh.
 * A Problem names a word that would need quotes.
 */
export function doctorText(
  reading: string,
  script: string,
  { modules, units, routes, neighbours, names, receivers, keepalived, programs }: DoctorRequest,
): Result<string, Problem> {
  const asked = [
    ...modules.map((name) => ["module", name]),
    ...units.map((name) => ["unit", name]),
    ...routes.map((address) => ["route", address]),
    ...neighbours.map((address) => ["neighbour", address]),
    ...names.map((address) => ["name", address]),
    ...receivers.map((name) => ["receiver", name]),
    ...(keepalived ? [["keepalived"]] : []),
  ]
  const odd =
    asked.flat().find((word) => !isPlainWord(word)) ?? programs.find((path) => !isProgramPath(path))
  if (odd !== undefined)
    return err({
      rule: "wire-word",
      message: `${JSON.stringify(odd)} cannot be asked for on a host`,
    })
  const calls = [...asked, ...programs.map((path) => ["program", path])]
    .map((words) => `ask ${words.join(" ")}\n`)
    .join("")
  return ok(`${reading}${script}${calls}examine\n`)
}

/** The records of `examine` in lbctl-doctor.sh; undefined when they were cut off. Lines that are no record are left out. */
export function parseDoctorReply(text: string): DoctorReply | undefined {
  const lines = text.split("\n")
  const end = lines.indexOf("end")
  if (end < 0) return undefined
  const records = lines.slice(0, end).map((line) => line.split(" "))
  const of = (name: string): string[][] =>
    records.filter(([word]) => word === name).map(([, ...words]) => words)
  const [[seconds = ""] = []] = of("clock")
  const [[rows] = []] = of("connection-rows")
  const [[container] = []] = of("container")
  const filter = parseFilter(of)
  const keepalived = parseKeepalived(of("keepalived"))
  return {
    nowMs: Number(seconds) * 1000,
    switches: new Map(of("switch").flatMap(parseSwitch)),
    kept: of("kept").flatMap(parseKept),
    bootModules: new Set(of("boot-module").map(([name = ""]) => underscored(name))),
    modules: new Map(of("module").flatMap(([name = "", state]) => moduleState(name, state))),
    flagged: of("flagged").map(([device = "", cidr = "", flag = ""]) => ({
      device,
      address: canonicalAddress(cidr.split("/")[0] ?? ""),
      flag,
    })),
    defaultRoutes: of("default").flatMap(([version, ...words]) =>
      parseRoute(words).map((route) => ({ ...route, family: version === "6" ? 6 : 4 }) as const),
    ),
    routes: new Map(
      of("route").flatMap(([target = "", ...words]) =>
        family(target) === undefined
          ? []
          : parseRoute(words).map((route) => [canonicalAddress(target), route] as const),
      ),
    ),
    naming: of("named").map(([address = "", ...words]) => ({ address, file: words.join(" ") })),
    neighbours: of("neighbour").map(([address = "", device = "", mac = ""]) => ({
      address: canonicalAddress(address),
      device,
      mac: mac.toLowerCase(),
    })),
    offload: of("lro").map(([name = "", device = "", state]) => ({
      interface: name,
      device,
      largeReceive: state === "on",
    })),
    ...parsePrograms(of),
    ...(filter === undefined ? {} : { filter }),
    ...(keepalived === undefined ? {} : { keepalived }),
    ...(rows === undefined ? {} : { connectionRows: Number(rows) }),
    ...(container === undefined ? {} : { container }),
    units: new Map(
      of("unit").map(([name = "", , enabled, running]) => [
        name,
        { enabled: enabled === "yes", running: running === "yes" },
      ]),
    ),
  }
}

/** The chains of all programs that told theirs; undefined when one could not. */
function parseFilter(of: (name: string) => string[][]): FilterChain[] | undefined {
  const linesOf = (name: string): string[] => of(name).map((words) => words.join(" "))
  const parts = [
    of("filter-unread").length > 0 ? undefined : [],
    parseIptablesSave("iptables", linesOf("iptables")),
    parseIptablesSave("ip6tables", linesOf("ip6tables")),
    ...linesOf("nft").map(parseNftList),
  ]
  const read = parts.flatMap((part) => (part === undefined ? [] : [part]))
  return read.length < parts.length ? undefined : read.flat()
}

/** Names of modules as the kernel has them: a hyphen stands for an underscore (modprobe(8)). */
function underscored(name: string): string {
  return name.replaceAll("-", "_")
}

function parseSwitch(words: readonly string[]): [string, string][] {
  const line = words.join(" ")
  const colon = line.indexOf(":")
  return colon < 0 ? [] : [[line.slice(0, colon), squeezed(line.slice(colon + 1))]]
}

/** `FILE KEY = VALUE`; a key alone takes others out of a pattern and sets nothing (sysctl.d(5)). */
function parseKept([file = "", ...words]: readonly string[]): Examination["kept"][number][] {
  const [key = "", ...rest] = words.join(" ").split("=")
  if (rest.length === 0) return []
  return [{ file, key: key.trim().replace(/^-/, ""), value: squeezed(rest.join("=")) }]
}

function squeezed(text: string): string {
  return text.trim().replaceAll(/\s+/g, " ")
}

function moduleState(
  name: string,
  state: string | undefined,
): [string, "builtin" | "loaded" | "loadable" | "missing"][] {
  if (state === "builtin" || state === "loaded" || state === "loadable" || state === "missing")
    return [[name, state]]
  return []
}

/** Words of ip-route(8): `via 10.0.0.1 dev eth0 ...`. */
function parseRoute(words: readonly string[]): IpRoute[] {
  const after = (word: string): string | undefined => {
    const at = words.indexOf(word)
    return at < 0 ? undefined : words[at + 1]
  }
  const [device, via, source] = [after("dev"), after("via"), after("src")]
  // `mtu lock 1400`: path MTU discovery does not lower it.
  const [mtu, advmss] = [after("mtu") === "lock" ? after("lock") : after("mtu"), after("advmss")]
  if (device === undefined) return []
  return [
    {
      device,
      ...(via === undefined ? {} : { via: canonicalAddress(via) }),
      ...(source === undefined ? {} : { source: canonicalAddress(source) }),
      ...(mtu === undefined ? {} : { mtu: Number(mtu) }),
      ...(advmss === undefined ? {} : { advmss: Number(advmss) }),
    },
  ]
}
