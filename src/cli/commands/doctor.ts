import { Failure } from "../../core/failure.ts"
import { plural } from "../../core/text.ts"
import type { HostView } from "../../model/desired.ts"
import type { Examination, Finding } from "../../model/doctor.ts"
import type { Patient } from "../../plan/doctor/check.ts"
import { otherOwners } from "../../plan/doctor/cluster.ts"
import {
  diagnose,
  findingsText,
  sortFindings,
  unreachableFinding,
} from "../../plan/doctor/diagnose.ts"
import { keepalivedToAsk } from "../../plan/doctor/keepalived-run.ts"
import { modulesToAsk } from "../../plan/doctor/kernel.ts"
import { receiversToAsk } from "../../plan/doctor/offload.ts"
import { programsToAsk } from "../../plan/doctor/programs.ts"
import type { HostInput } from "../../plan/host.ts"
import { askAll } from "../../push/ask-all.ts"
import type { NodePool } from "../../push/node-pool.ts"
import { bareDoctorRequest, type DoctorRequest } from "../../wire/doctor.ts"
import { managedHosts, withManaged, type ChoiceFlags } from "../chosen.ts"
import { withContacted, type Contacted } from "../contact.ts"
import { parallelHosts } from "../pool.ts"
import { exitCodes } from "../exit.ts"
import type { ApplyFlags } from "../flags.ts"
import { inventoryWords, type Inventories } from "../inventories.ts"
import { print, printJson } from "../output.ts"
import type { Definition } from "../pipeline.ts"
import { hearSegments } from "../segments.ts"
import { apply } from "./apply.ts"

/** Options of doctor. */
export interface DoctorFlags extends ChoiceFlags {
  readonly fix?: true
  /** Of `--fix`. */
  readonly yes?: true
}

/** What an apply is given that says nothing of it. */
type UsualApply = Pick<ApplyFlags, "confirmTimeout" | "lockWait" | "hookTimeout" | "hooks">

/**
 * `lbctl doctor`: what is wrong or risky on the hosts, why, and the cure. Nothing is written anywhere, but with `--fix` by an apply to
 * the hosts for which that is the cure, with its plan, guards and question.
 */
export async function doctor(
  inventory: Inventories,
  flags: DoctorFlags,
  usual: UsualApply,
): Promise<number> {
  refuseOdd(flags)
  return withManaged(inventory, flags, async (definition, chosen) => {
    const hosts = managedHosts(definition, chosen, flags.limit)
    const look = (): Promise<Found> => examine(definition, hosts, inventory, flags.json === true)
    const found = await look()
    if (flags.fix !== true) return codeOf(found)
    const sick = mendable(found.findings, inventory)
    if (sick.length === 0) {
      print("Nothing of this is mended by an apply.")
      return codeOf(found)
    }
    print(`\nTo mend ${plural(sick.length, "host")}:`)
    const code = await apply(inventory, { ...usual, ...flags, limit: sick.join(",") })
    if (code !== exitCodes.done) return code
    print("\nAnd now:")
    return codeOf(await look())
  })
}

/** Hosts for which an apply is a cure. */
function mendable(findings: readonly Finding[], inventory: Inventories): string[] {
  const sick = findings.filter(({ host, cure }) => cure === applyTo(inventory, host))
  return [...new Set(sick.map(({ host }) => host))]
}

/** What was found, and whether a host could not be looked at. */
interface Found {
  readonly findings: readonly Finding[]
  readonly unreachable: boolean
}

function refuseOdd({ fix, yes, json }: DoctorFlags): void {
  if (fix === true && json === true)
    throw new Failure("input", "--fix and --json do not go together", {
      hint: "lbctl doctor --json tells what to mend, lbctl apply --json mends it",
    })
  if (fix !== true && yes === true)
    throw new Failure("input", "--yes answers the question of --fix, which is not given", {
      hint: "without --fix the doctor changes nothing and asks nothing",
    })
}

function codeOf({ findings, unreachable }: Found): number {
  if (unreachable) return exitCodes.unreachable
  return findings.some(({ severity }) => severity !== "info") ? exitCodes.changes : exitCodes.done
}

function applyTo(inventory: Inventories, host: string): string {
  return `lbctl apply ${inventoryWords(inventory)} --limit ${host}`
}

/** Looks at hosts and tells what it finds. */
function examine(
  definition: Definition,
  hosts: ReadonlySet<string>,
  inventory: Inventories,
  json: boolean,
): Promise<Found> {
  return withContacted(definition, hosts, json, async (contacted, pool) => {
    const [{ patients, silent }, segments] = await Promise.all([
      examineAll(contacted, pool),
      hearSegments(contacted.inputs, pool),
    ])
    const ward = { patients, segments, apply: (host: string) => applyTo(inventory, host) }
    const findings = sortFindings([...silent.map(unreachableFinding), ...diagnose(ward)])
    if (json) printJson({ findings })
    else print(findingsText(findings, patients.length))
    return { findings, unreachable: silent.length > 0 }
  })
}

/** The hosts that told all, and those that did not. */
async function examineAll(
  { inputs, unreachable }: Contacted,
  pool: NodePool,
): Promise<{ patients: Patient[]; silent: Contacted["unreachable"] }> {
  const byHost = new Map(inputs.map((input) => [input.view.host, input]))
  const vips = [...new Set(inputs.flatMap(({ view }) => vipsHeldBy(view)))]
  const { answers, failures } = await askAll(
    byHost.keys(),
    (host) => pool.node(host),
    parallelHosts,
    (node): Promise<Examination> => node.examine(requestOf(byHost.get(node.host), vips)),
  )
  return {
    patients: inputs.flatMap((input) => {
      const examined = answers.get(input.view.host)
      return examined === undefined ? [] : [{ input, examined }]
    }),
    silent: [...unreachable, ...failures],
  }
}

function vipsHeldBy({ director }: HostView): readonly string[] {
  return (director?.vrrp ?? []).flatMap((vrrp) => vrrp.vips)
}

function requestOf(input: HostInput | undefined, vips: readonly string[]): DoctorRequest {
  if (input === undefined) return bareDoctorRequest
  const { view } = input
  const state = view.director
  const servers = state?.services.flatMap((service) => service.servers) ?? []
  return {
    modules: modulesToAsk({
      ...(state === undefined ? {} : { state }),
      tunnels: view?.realserver?.tunnels ?? [],
    }),
    units: state === undefined ? [] : otherOwners,
    routes: [...new Set(servers.map(({ address }) => address))],
    neighbours: vips,
    names: [],
    receivers: receiversToAsk(input),
    keepalived: keepalivedToAsk(input),
    programs: programsToAsk(input),
  }
}
