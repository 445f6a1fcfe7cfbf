import { canonicalAddress, family } from "../core/address.ts"
import { sysctlKey } from "./sysctl-key.ts"

/** What is wrong with a filled-in text; undefined when nothing is. */
export type Check = (text: string) => string | undefined

/** One line, of whatever it may be. */
export const line: Check = (text) =>
  /[\r\n\0]/.test(text) ? `${JSON.stringify(text)} is more than one line` : undefined

/** More than blanks: tests of daemons pass empty files (keepalived -t among them), and the daemon then drops all it has. */
export const filled: Check = (text) =>
  text.trim() === ""
    ? "the file comes out empty, which its validate command may not notice"
    : undefined

/** An absolute path in letters that need no quoting anywhere between here and the host. */
export const path: Check = (text) =>
  /^(\/[A-Za-z0-9._@:+-]+)+$/.test(text) && !/\/\.\.?(\/|$)/.test(text)
    ? undefined
    : `${JSON.stringify(text)} is no absolute path of letters, digits and . _ @ : + -`

/** The name of a module, an interface, a command or a unit. */
export const name: Check = (text) =>
  /^[A-Za-z0-9._@:+/-]+$/.test(text)
    ? undefined
    : `${JSON.stringify(text)} is no name of letters, digits and . _ @ : + / -`

/** A sysctl in either spelling. */
export const sysctl: Check = (text) =>
  sysctlKey(text) === undefined ? `${JSON.stringify(text)} is no sysctl` : undefined

/** An address with its prefix length. */
export const cidr: Check = (text) =>
  parseCidr(text) === undefined
    ? `${JSON.stringify(text)} is no address with a prefix length`
    : undefined

/** `192.0.2.10/32` in its parts; undefined for anything else. */
export function parseCidr(text: string): { address: string; prefix: number } | undefined {
  const [, address = "", digits = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? []
  const version = family(address)
  const prefix = Number(digits)
  return version === undefined || prefix > (version === 4 ? 32 : 128)
    ? undefined
    : { address: canonicalAddress(address), prefix }
}
