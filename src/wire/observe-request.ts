import { sha256 } from "../core/digest.ts"
import type { Problem } from "../core/problem.ts"
import { err, ok, type Result } from "../core/result.ts"
import type { Bundle } from "../model/bundle.ts"
import type { Observed } from "../model/observed.ts"
import { isPlainWord } from "./shell.ts"

/** What to look at on a host besides what is always told. The host adds what its confirmed release owns. */
export interface ObserveRequest {
  /** `-` as hash: without its content. Else the content comes back where the hash differs. */
  readonly files: readonly { readonly path: string; readonly sha256: string }[]
  readonly sysctls: readonly string[]
  readonly modules: readonly string[]
  readonly units: readonly string[]
  readonly commands: readonly string[]
  /** Look for a Node runtime. */
  readonly runtime: boolean
  /** Ask the agent, or read the kernel's table where there is none. */
  readonly ipvs: boolean
}

/** Asks for what every host tells, facts, releases and locks among it, and for nothing else. */
export const bareRequest: ObserveRequest = {
  files: [],
  sysctls: [],
  modules: [],
  units: [],
  commands: [],
  runtime: false,
  ipvs: false,
}

/** What `plan` has to know to bring a host to `bundle`. */
export function observeRequest(bundle: Bundle): ObserveRequest {
  return {
    // What a file with secrets holds now is not to travel: its hash comes in any case.
    files: bundle.files.map(({ path, content, secret }) => ({
      path,
      sha256: secret === true ? "-" : sha256(content),
    })),
    sysctls: bundle.sysctls.map((sysctl) => sysctl.key),
    modules: bundle.modules,
    units: bundle.units.map((unit) => unit.name),
    commands: bundle.requires.map((required) => required.command),
    runtime: bundle.agent !== undefined,
    ipvs: bundle.agent !== undefined,
  }
}

/** Whether all of a request is answered by what a host said to another one. */
export function isAnswered(request: ObserveRequest, observed: Observed): boolean {
  const { files, sysctls, modules, units, commands } = observed
  const has = (answers: object) => (name: string) => Object.hasOwn(answers, name)
  return (
    request.files.every(({ path, sha256: wanted }) => {
      const file = files[path]
      const same = file?.sha256 === undefined || wanted === "-" || file.sha256 === wanted
      return file !== undefined && (same || file.content !== undefined)
    }) &&
    request.sysctls.every(has(sysctls)) &&
    request.modules.every(has(modules)) &&
    request.units.every(has(units)) &&
    request.commands.every(has(commands))
  )
}

/** The line of lbctl-node.sh below which it changes things; what is sent to observe ends above it. */
export const changesBelow = "# ==== Everything below changes the node. ===="

/**
 * What is sent of lbctl-node.sh to observe a host: the half that only looks, without whole-line comments and empty lines.
 * They are for who reads the script on the host, and no host keeps this half.
 */
export function observeScript(script: string): string {
  const end = script.indexOf(changesBelow)
  return (end < 0 ? script : script.slice(0, end)).replaceAll(/^\s*(#.*)?\n/gm, "")
}

/**
 * Standard input of `observeCommand`: `observeScript`, then the request.
 * A Problem names a word that would need quotes: nothing lbctl accepts as a path, key or unit does.
 */
export function observeText(reading: string, request: ObserveRequest): Result<string, Problem> {
  const wants = [
    ...request.files.map((file) => ["file", file.sha256, file.path]),
    ...request.sysctls.map((key) => ["sysctl", key]),
    ...request.modules.map((name) => ["module", name]),
    ...request.units.map((name) => ["unit", name]),
    ...request.commands.map((name) => ["command", name]),
    ...(request.runtime ? [["runtime"]] : []),
    ...(request.ipvs ? [["ipvs"]] : []),
  ]
  const odd = wants.flat().find((word) => !isPlainWord(word))
  if (odd !== undefined)
    return err({
      rule: "wire-word",
      message: `${JSON.stringify(odd)} cannot be asked for on a host`,
      hint: "paths, sysctl keys, units and commands are made of letters, digits and . _ / @ : + -",
    })
  const calls = wants.map((words) => `want ${words.join(" ")}\n`).join("")
  return ok(`${reading}${calls}observe\n`)
}
