import { err, ok } from "../core/result.ts"
import type { Result } from "../core/result.ts"

/** Hosts one line of an inventory may stand for: over any fleet, far under what exhausts memory. */
const mostHosts = 100_000

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".split("")

/** The hosts a key under `hosts:` stands for, and the SSH port it may carry. */
export interface HostPattern {
  readonly names: readonly string[]
  readonly port?: number
}

/**
 * Expands `rs[01:20]`, `lb[a:c]`, `[1:9:3]` (both ends included, zeros kept), several in one name too,
 * and splits a port off `host:2222` and `[2001:db8::1]:2022`. The error says what is wrong.
 * Source: Ansible's inventory guide, "Adding ranges of hosts", and its parsing/utils/addresses.py for ports.
 */
export function expandHostPattern(text: string): Result<HostPattern, string> {
  const { pattern, port } = splitPort(text)
  const names = expandRanges(pattern)
  if (!names.ok) return names
  return ok({ names: names.value, ...(port === undefined ? {} : { port }) })
}

function splitPort(text: string): { readonly pattern: string; readonly port?: number } {
  const match = /^\[([^[\]]+)\]:(\d+)$/.exec(text) ?? /^((?:[^:[\]]|\[[^\]]*\])+):(\d+)$/.exec(text)
  const [, pattern, port] = match ?? []
  if (pattern === undefined || port === undefined) return { pattern: text }
  return { pattern, port: Number(port) }
}

function expandRanges(pattern: string): Result<readonly string[], string> {
  let names: readonly string[] = [""]
  let rest = pattern
  for (;;) {
    const open = rest.indexOf("[")
    const close = rest.indexOf("]", open)
    if (open < 0 || close < 0)
      return rest.includes("[") || rest.includes("]")
        ? err("a bracket stands alone")
        : ok(names.map((name) => name + rest))
    const items = expandRange(rest.slice(open + 1, close))
    if (!items.ok) return items
    if (names.length * items.value.length > mostHosts)
      return err(`it stands for over ${mostHosts} hosts`)
    const head = rest.slice(0, open)
    names = names.flatMap((name) => items.value.map((item) => name + head + item))
    rest = rest.slice(close + 1)
  }
}

function expandRange(range: string): Result<readonly string[], string> {
  const [first = "", last, stride = "1", ...more] = range.split(":")
  if (last === undefined || last === "" || more.length > 0)
    return err(`[${range}] is no range: write [first:last] or [first:last:stride]`)
  const step = /^\d+$/.test(stride) ? Number(stride) : 0
  if (step === 0) return err(`the stride of [${range}] is not a number from 1`)
  const begin = first === "" ? "0" : first
  if (/^[a-zA-Z]$/.test(begin) && /^[a-zA-Z]$/.test(last)) return letterRange(begin, last, step)
  if (/^\d+$/.test(begin) && /^\d+$/.test(last)) return numberRange(begin, last, step)
  return err(`[${range}] must run from a number to a number, or from a letter to a letter`)
}

function letterRange(first: string, last: string, step: number): Result<readonly string[], string> {
  const from = letters.indexOf(first)
  const to = letters.indexOf(last)
  if (from > to) return err(`[${first}:${last}] runs backwards`)
  return ok(letters.slice(from, to + 1).filter((_, index) => index % step === 0))
}

function numberRange(first: string, last: string, step: number): Result<readonly string[], string> {
  const padded = first.length > 1 && first.startsWith("0")
  if (padded && first.length !== last.length)
    return err(`[${first}:${last}] needs ends of the same length, as its first end begins with 0`)
  const from = Number(first)
  const to = Number(last)
  if (from > to) return err(`[${first}:${last}] runs backwards`)
  const count = Math.floor((to - from) / step) + 1
  if (!(count <= mostHosts)) return err(`it stands for over ${mostHosts} hosts`)
  const width = padded ? first.length : 0
  return ok(
    Array.from({ length: count }, (_, index) => String(from + index * step).padStart(width, "0")),
  )
}
