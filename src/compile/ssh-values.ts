import type { SshConfigLine } from "../schema/ssh-config.ts"
import { parseHop } from "./ssh-hop.ts"

/** yes or no, in the spellings of ssh_config; undefined for anything else. */
export function flagOf(text: string): boolean | undefined {
  if (/^(?:yes|true)$/i.test(text)) return true
  return /^(?:no|false)$/i.test(text) ? false : undefined
}

const unitSeconds: Readonly<Record<string, number>> = {
  "": 1,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
}

/** A time in sshd_config(5)'s formats, such as `90`, `1m30s`, in milliseconds; undefined for anything else. */
export function millisecondsOf(text: string): number | undefined {
  if (!/^(?:\d+[smhdw]?)+$/i.test(text)) return undefined
  let seconds = 0
  for (const [, count, unit = ""] of text.matchAll(/(\d+)([smhdw]?)/gi))
    seconds += Number(count) * (unitSeconds[unit.toLowerCase()] ?? 1)
  return seconds * 1000 <= 0x7fff_ffff ? seconds * 1000 : undefined
}

/** The jump hosts of ProxyJump in order; empty for `none`, undefined when they cannot be read. */
export function hopsOf(text: string): NonNullable<ReturnType<typeof parseHop>>[] | undefined {
  const list = text.replace(/#.*$/s, "").trim()
  if (list.toLowerCase() === "none") return []
  const hops = list.split(",").map((hop) => parseHop(hop))
  return hops.every((hop) => hop !== undefined) ? hops : undefined
}

/** What is wrong with a value, and what would be right. */
export interface ValueMistake {
  readonly message: string
  readonly hint: string
}

type Check = (value: string) => boolean

const checks: Readonly<Record<string, readonly [check: Check, hint: string]>> = {
  connecttimeout: [
    (value) => value === "none" || millisecondsOf(value) !== undefined,
    "write seconds, or a time such as 1m30s",
  ],
  hostkeyalias: [() => true, ""],
  hostname: [() => true, ""],
  identitiesonly: [(value) => flagOf(value) !== undefined, "write yes or no"],
  identityagent: [() => true, ""],
  identityfile: [() => true, ""],
  port: [
    (value) => /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535,
    "a port is a number from 1 to 65535",
  ],
  serveralivecountmax: [(value) => /^\d{1,9}$/.test(value), "write a number"],
  serveraliveinterval: [
    (value) => value === "none" || millisecondsOf(value) !== undefined,
    "write seconds, or a time such as 1m30s; 0 is off",
  ],
  stricthostkeychecking: [
    (value) => /^(?:yes|true|no|false|off|ask|accept-new)$/i.test(value),
    "write yes or accept-new",
  ],
  user: [() => true, ""],
}

/** What is wrong with the value of a keyword that lbctl honours; undefined when nothing is, or for other keywords. */
export function mistakeOf({ keyword, args, rest }: SshConfigLine): ValueMistake | undefined {
  if (keyword === "proxycommand") return undefined
  if (keyword === "proxyjump") {
    if (hopsOf(rest) !== undefined) return undefined
    const hint = "write [user@]host[:port], several with commas between them"
    return { message: `${JSON.stringify(rest)} names no jump host`, hint }
  }
  if (keyword === "userknownhostsfile" || keyword === "host") return mistakeInList(keyword, args)
  const check = Object.hasOwn(checks, keyword) ? checks[keyword] : undefined
  if (check === undefined) return undefined
  const [value = "", ...more] = args
  if (value === "") return { message: "a value is missing", hint: check[1] || "write one" }
  if (more.length > 0)
    return { message: `${more.join(" ")} is too much`, hint: "quote a value that holds blanks" }
  return check[0](value)
    ? undefined
    : { message: `${JSON.stringify(value)} cannot stand there`, hint: check[1] }
}

function mistakeInList(keyword: string, args: readonly string[]): ValueMistake | undefined {
  if (args.length === 0 || args.includes(""))
    return { message: "a value is missing", hint: "write one, or several with blanks between" }
  const none = keyword !== "host" && args.some((arg) => arg.toLowerCase() === "none")
  return none && args.length > 1
    ? { message: "none must stand alone", hint: "leave it or the others out" }
    : undefined
}
