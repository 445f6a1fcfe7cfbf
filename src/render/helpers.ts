import { family } from "../core/address.ts"
import { canonicalJson } from "../core/digest.ts"
import type { Result } from "../core/result.ts"
import { err, ok } from "../core/result.ts"

type Helper = (params: readonly unknown[]) => Result<unknown, string>

/**
 * What templates may call, documented in docs/templates.md. Helpers spell values; decisions belong to what fills the view.
 * A helper that is called wrongly says what it takes.
 */
export const helpers: Readonly<Record<string, Helper>> = { cidr, eq, has, join, json, seconds, sh }

/** `cidr ADDRESS`: the address as a host route, `192.0.2.10/32` or `2001:db8::10/128`. */
function cidr(params: readonly unknown[]): Result<unknown, string> {
  const [address] = params
  const version = typeof address === "string" && params.length === 1 ? family(address) : undefined
  return version === undefined
    ? err("cidr takes one IP address")
    : ok(`${String(address)}/${version === 4 ? 32 : 128}`)
}

/** `eq A B`: whether both are the same text, number or boolean; for `#if (eq a b)`. */
function eq(params: readonly unknown[]): Result<unknown, string> {
  return params.length === 2 ? ok(params[0] === params[1]) : err("eq takes two values")
}

/** `has MAP NAME`: whether a map has a name, for what is optional: `#if (has vars "motd")`. */
function has(params: readonly unknown[]): Result<unknown, string> {
  const [map, name] = params
  return typeof map === "object" && map !== null && typeof name === "string" && params.length === 2
    ? ok(Object.hasOwn(map, name))
    : err("has takes a map and a name")
}

/** `join LIST [SEPARATOR]`: the items one after another, a blank between them by default. */
function join(params: readonly unknown[]): Result<unknown, string> {
  const [list, separator = " "] = params
  return Array.isArray(list) && list.every(isScalar) && typeof separator === "string"
    ? ok(list.join(separator))
    : err("join takes a list of texts or numbers, and perhaps a separator")
}

/** `json VALUE`: as JSON with sorted keys. */
function json(params: readonly unknown[]): Result<unknown, string> {
  return params.length === 1 ? ok(canonicalJson(params[0])) : err("json takes one value")
}

/** `seconds MILLISECONDS`: in seconds, with a fraction where needed: `1`, `0.25`. */
function seconds(params: readonly unknown[]): Result<unknown, string> {
  const [milliseconds] = params
  return typeof milliseconds === "number" && params.length === 1
    ? ok(String(milliseconds / 1000))
    : err("seconds takes one number of milliseconds")
}

/** `sh VALUE`: as one word of a POSIX shell (quoting: POSIX.1-2017, XCU 2.2.2). */
function sh(params: readonly unknown[]): Result<unknown, string> {
  const [value] = params
  return isScalar(value) && params.length === 1
    ? ok(`'${String(value).replaceAll("'", `'\\''`)}'`)
    : err("sh takes one text or number")
}

function isScalar(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
}
