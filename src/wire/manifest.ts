import type { Problem } from "../core/problem.ts"
import { err, ok, type Result } from "../core/result.ts"
import { sha256 } from "../core/digest.ts"
import type { Bundle } from "../model/bundle.ts"
import type { Owned } from "../model/observed.ts"
import { quote, unquote } from "./shell.ts"

/** What lbctl owns where it never was. */
export const nothingOwned: Owned = {
  files: [],
  sysctls: [],
  addresses: [],
  units: [],
  linksUp: [],
}

/**
 * The file `manifest` of a release: `own KIND ARGUMENT...` for everything lbctl answers for on the host, and
 * `handler NAME ARGUMENT...` for each handler, so that a later transaction that reverts runs the handlers of this release.
 * A manifest without an `own` line is the empty release, after which lbctl leaves the host.
 * `retains` are things of the former release whose removal waits for a later phase.
 */
export function manifestText(bundle: Bundle, retains: Owned = nothingOwned): string {
  const commands = [
    ...bundle.files.map(({ path, content, mode, owner, secret }) => [
      "file",
      path,
      sha256(content),
      mode,
      owner,
      ...(secret === true ? ["secret"] : []),
    ]),
    ...retains.files.map((path) => [
      "file",
      path,
      "-",
      "-",
      "-",
      ...(retains.secrets?.includes(path) === true ? ["secret"] : []),
    ]),
    ...bundle.sysctls.map(({ key, value }) => ["sysctl", key, value]),
    ...retains.sysctls.map((key) => ["sysctl", key, "-"]),
    ...bundle.linksUp.map((device) => ["link", device]),
    ...retains.linksUp.map((device) => ["link", device]),
    ...[...bundle.addresses, ...retains.addresses].map(({ address, prefix, device }) => [
      "address",
      device,
      `${address}/${prefix}`,
    ]),
    ...bundle.units.map(({ name }) => ["unit", name]),
    ...retains.units.map((name) => ["unit", name]),
    ...(bundle.agent === undefined ? [] : [["agent", bundle.agent]]),
  ]
  const seen = new Set<string>()
  const own = commands.filter(([kind = "", name = "", cidr = ""]) => {
    const key = `${kind} ${name} ${kind === "address" ? cidr : ""}`
    return seen.has(key) ? false : seen.add(key)
  })
  return [
    ...own.map((words) => `${quote(["own", ...words])}\n`),
    ...bundle.handlers.map(({ name, run }) => `${quote(["handler", name, ...run])}\n`),
  ].join("")
}

/** What a release owns, from the words after `own` of its manifest; a Problem names the line that is none. */
export function parseOwned(lines: readonly string[]): Result<Owned, Problem> {
  const files: string[] = []
  const secrets: string[] = []
  const sysctls: string[] = []
  const addresses: Owned["addresses"][number][] = []
  const units: string[] = []
  const linksUp: string[] = []
  const byKind: Readonly<Record<string, string[]>> = {
    file: files,
    sysctl: sysctls,
    unit: units,
    link: linksUp,
  }
  for (const line of lines) {
    const words = unquote(`${line}\n`)?.[0] ?? []
    const [kind = "", name, cidr] = words
    const match = /^([^/]+)\/(\d+)$/.exec(cidr ?? "")
    if (name === undefined) return err(malformed(line))
    if (kind === "address" && match !== null)
      addresses.push({ address: match[1] ?? "", prefix: Number(match[2]), device: name })
    else if (kind !== "agent") {
      const list = byKind[kind]
      if (list === undefined) return err(malformed(line))
      list.push(name)
      if (kind === "file" && words[5] === "secret") secrets.push(name)
    }
  }
  return ok({
    files,
    ...(secrets.length === 0 ? {} : { secrets }),
    sysctls,
    addresses,
    units,
    linksUp,
  })
}

function malformed(line: string): Problem {
  return { rule: "wire-manifest", message: `not a line of a manifest: ${line}` }
}
