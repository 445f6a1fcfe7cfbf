import { getSystemErrorMap } from "node:util"
import type { Acknowledgement } from "../protocol/generic-netlink.ts"

/** `ECONNREFUSED: connection refused` for either sign of an errno. */
export function errorWords(errno: number): string {
  const [code, words] = getSystemErrorMap().get(-Math.abs(errno)) ?? []
  return code === undefined ? `errno ${Math.abs(errno)}` : `${code}: ${words}`
}

/** A refused netlink request: `EINVAL: invalid argument`, with the kernel's own words where it has any. */
export function describeRefusal(outcome: Acknowledgement): string {
  const words = errorWords(outcome.errno)
  return outcome.text === undefined ? words : `${words} (${outcome.text})`
}
