import type { Hold, Lease } from "../model/lock.ts"
import { oneLine, oneWord, quote } from "./shell.ts"

/** What can be asked of a host's lock. */
export type LockCall =
  /** `dead` is a run whose controller is known to be gone. */
  | {
      readonly verb: "take"
      readonly lease: Lease
      readonly seconds: number
      readonly dead?: string
    }
  | { readonly verb: "renew"; readonly run: string; readonly seconds: number }
  | { readonly verb: "release"; readonly run: string }
  | { readonly verb: "hold"; readonly hold: Hold }
  /** Lifts what `by` holds; with `force` whoever's it is, and the lease of a run as well. */
  | { readonly verb: "lift"; readonly by: string; readonly force: boolean }

/** What a host says of its lock. */
export type LockReply =
  /** `release` is the confirmed one; `stale` a lease that had ended without being given back. */
  | { readonly type: "taken"; readonly release?: string; readonly stale?: Lease }
  | { readonly type: "renewed" }
  | { readonly type: "lost" }
  | { readonly type: "released"; readonly lifted: readonly (Lease | Hold)[] }
  | { readonly type: "held" }
  /** Refused: somebody else has it. */
  | { readonly type: "leased"; readonly lease: Lease }
  | { readonly type: "holding"; readonly hold: Hold }

/** Command line whose standard input is `lockText`. */
export const lockCommand = "sh -s"

/** The lock script with one call of it. */
export function lockText(script: string, call: LockCall): string {
  return `${script}\n${quote(words(call))}\n`
}

function words(call: LockCall): string[] {
  switch (call.verb) {
    case "take": {
      const { run, what, since, from, process, by } = call.lease
      const rest = [what, since, from, process].map(oneWord)
      return ["take", run, String(call.seconds), call.dead ?? "-", ...rest, oneLine(by)]
    }
    case "renew":
      return ["renew", call.run, String(call.seconds)]
    case "release":
      return ["give_back", call.run]
    case "hold": {
      const { since, from, by, message } = call.hold
      return ["hold", ...[since, from, by].map(oneWord), oneLine(message)]
    }
    case "lift":
      return ["lift", oneWord(call.by), call.force ? "yes" : "no"]
  }
}

/** The answer to a call; undefined when it is none. */
export function parseLockReply(text: string): LockReply | undefined {
  const records = text.split("\n").map((line) => line.split(" "))
  const last = records.findLast(([word]) => word !== "")
  if (last === undefined) return undefined
  const [word = "", ...rest] = last
  switch (word) {
    case "taken": {
      const stale = records.find(([name]) => name === "stale")?.slice(1)
      const lease = stale === undefined ? undefined : parseLease(stale)
      const [release] = rest
      return {
        type: "taken",
        ...(release === undefined || release === "-" ? {} : { release }),
        ...(lease === undefined ? {} : { stale: lease }),
      }
    }
    case "renewed":
    case "lost":
    case "held":
      return { type: word }
    case "released":
      return { type: "released", lifted: records.flatMap(lifted) }
    case "lease": {
      const lease = parseLease(rest)
      return lease === undefined ? undefined : { type: "leased", lease }
    }
    case "hold": {
      const hold = parseHold(rest)
      return hold === undefined ? undefined : { type: "holding", hold }
    }
    default:
      return undefined
  }
}

function lifted([word, kind, ...rest]: readonly string[]): (Lease | Hold)[] {
  if (word !== "lifted") return []
  const found = kind === "lease" ? parseLease(rest) : parseHold(rest)
  return found === undefined ? [] : [found]
}

/** `RUN WHAT SINCE FROM PROCESS BY...`, as `observe` and the lock script tell it. */
export function parseLease(words: readonly string[]): Lease | undefined {
  const [run, what, since, from, process, ...by] = words
  if (run === undefined || what === undefined || since === undefined) return undefined
  if (from === undefined || process === undefined || by.length === 0) return undefined
  return { run, what, since, from, process, by: by.join(" ") }
}

/** `SINCE FROM BY MESSAGE...`, as `observe` and the lock script tell it. */
export function parseHold(words: readonly string[]): Hold | undefined {
  const [since, from, by, ...message] = words
  if (since === undefined || from === undefined || by === undefined) return undefined
  return { since, from, by, message: message.join(" ") }
}
