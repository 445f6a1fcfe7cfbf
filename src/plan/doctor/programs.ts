import type { Bundle, FileResource } from "../../model/bundle.ts"
import { keepalivedServices } from "../../model/desired.ts"
import type { HostInput } from "../host.ts"
import type { Check, Director, Symptom } from "./check.ts"
import { directorsIn, each } from "./check.ts"
import {
  configurationOf,
  configuredPrograms,
  isSecured,
  type ConfiguredProgram,
} from "./keepalived-conf.ts"
import { faultOf } from "./program-fault.ts"

/** The programs that keepalived runs on directors. */
export const programChecks: readonly Check[] = [
  {
    id: "V09",
    severity: "warning",
    looksAt:
      "the programs that keepalived.conf runs, who may change them, and as whom it says they run",
    why: "keepalived passes over a program that is not there or that others than root can change, and only its log tells",
    find: (ward) =>
      each(directorsIn(ward), (director) => [
        ...programsOf(director.input).flatMap((program) => faults(program, director, ward.apply)),
        ...unsecured(director.input.bundle),
      ]),
  },
]

/** Paths of the programs that keepalived is to run on a host, each once. */
export function programsToAsk(input: Pick<HostInput, "bundle" | "view">): string[] {
  return programsOf(input).map(({ path }) => path)
}

/**
 * What the file that the host is to have names, whatever template it is from, and the commands behind lbctl's misc-check,
 * which gives them their user. A path that runs as root once counts so.
 */
function programsOf({ bundle, view }: Pick<HostInput, "bundle" | "view">): ConfiguredProgram[] {
  const commands = keepalivedServices(view.director?.services ?? []).flatMap(({ check }) => {
    const [path] = check?.type === "external" ? check.command : []
    return path === undefined ? [] : [{ word: "misc_path", path, asRoot: false }]
  })
  const all = [...commands, ...configuredPrograms(configuration(bundle))]
  const ordered = all.toSorted((a, b) => Number(a.asRoot) - Number(b.asRoot))
  return [...new Map(ordered.map((program) => [program.path, program])).values()]
}

function configuration(bundle: Bundle): string {
  return configurationOf(bundle)?.content ?? ""
}

type Fault = Omit<Symptom, "host">

/** What is wrong with a program. */
function faults(
  { word, path, asRoot }: ConfiguredProgram,
  { host, input, examined }: Director,
  apply: (host: string) => string,
): Fault[] {
  const fault = faultOf(path, asRoot, examined)
  if (fault === undefined) return []
  const brought = input.bundle.files.find((file) => file.path === fault.at)
  return [
    {
      message: `${word} of keepalived.conf runs ${path}: ${fault.what}`,
      cure: brought === undefined ? `${fault.cure} on ${host}` : cureOf(brought, apply(host)),
    },
  ]
}

/** Of a program that a role brings. */
function cureOf({ path, mode, owner }: FileResource, apply: string): string {
  const bits = Number.parseInt(mode, 8)
  const isRight = owner === "root:root" && (bits & 0o111) !== 0 && (bits & 0o022) === 0
  return isRight ? apply : `write mode: "0755" and no other owner for ${path} into its role`
}

/** A template of the user's that leaves open as whom programs run, or whether it matters who may change them. */
function unsecured(bundle: Bundle): Fault[] {
  const text = configuration(bundle)
  if (isSecured(text) || !configuredPrograms(text).some(({ asRoot }) => asRoot)) return []
  return [
    {
      message: "keepalived.conf runs programs without script_user and enable_script_security",
      cure: "write both into global_defs of your template: script_user root, enable_script_security",
    },
  ]
}
