import type { Examination } from "../../model/doctor.ts"
import type { HostView } from "../../model/desired.ts"
import { otherOwners } from "../../plan/doctor/cluster.ts"
import {
  diagnose,
  findingsText,
  sortFindings,
  unreachableFinding,
} from "../../plan/doctor/diagnose.ts"
import { modulesToAsk } from "../../plan/doctor/kernel.ts"
import type { Patient } from "../../plan/doctor/check.ts"
import { askAll } from "../../push/ask-all.ts"
import type { NodePool } from "../../push/node-pool.ts"
import type { DoctorRequest } from "../../wire/doctor.ts"
import { managedHosts, withChosen, type ChoiceFlags } from "../chosen.ts"
import { parallelHosts, withContacted, type Contacted } from "../contact.ts"
import { exitCodes } from "../exit.ts"
import { inventoryWords, type Inventories } from "../inventories.ts"
import { print, printJson } from "../output.ts"
import { hearSegments } from "../segments.ts"

/** `lbctl doctor`: what is wrong or risky on the hosts, why, and the cure; nothing is written anywhere. */
export async function doctor(inventory: Inventories, flags: ChoiceFlags): Promise<number> {
  const json = flags.json === true
  return withChosen(inventory, flags, (definition, chosen) => {
    const hosts = managedHosts(definition, chosen, flags.limit)
    return withContacted(definition, hosts, json, async (contacted, pool) => {
      const [{ patients, silent }, segments] = await Promise.all([
        examineAll(contacted, pool),
        hearSegments(contacted.inputs, pool),
      ])
      const apply = (host: string): string =>
        `lbctl apply ${inventoryWords(inventory)} --limit ${host}`
      const findings = sortFindings([
        ...silent.map(unreachableFinding),
        ...diagnose({ patients, segments, apply }),
      ])
      if (json) printJson({ findings })
      else print(findingsText(findings, patients.length))
      if (silent.length > 0) return exitCodes.unreachable
      return findings.some(({ severity }) => severity !== "info")
        ? exitCodes.changes
        : exitCodes.done
    })
  })
}

/** The hosts that told all, and those that did not. */
async function examineAll(
  { inputs, unreachable }: Contacted,
  pool: NodePool,
): Promise<{ patients: Patient[]; silent: Contacted["unreachable"] }> {
  const views = new Map(inputs.map((input) => [input.view.host, input.view]))
  const { answers, failures } = await askAll(
    views.keys(),
    (host) => pool.node(host),
    parallelHosts,
    (node): Promise<Examination> => node.examine(requestOf(views.get(node.host))),
  )
  return {
    patients: inputs.flatMap((input) => {
      const examined = answers.get(input.view.host)
      return examined === undefined ? [] : [{ input, examined }]
    }),
    silent: [...unreachable, ...failures],
  }
}

function requestOf(view: HostView | undefined): DoctorRequest {
  const state = view?.director
  const servers = state?.services.flatMap((service) => service.servers) ?? []
  return {
    modules: modulesToAsk({
      ...(state === undefined ? {} : { state }),
      tunnels: view?.realserver?.tunnels ?? [],
    }),
    units: state === undefined ? [] : otherOwners,
    routes: [...new Set(servers.map(({ address }) => address))],
  }
}
