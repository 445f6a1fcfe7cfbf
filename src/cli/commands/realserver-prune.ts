import { canonicalAddress, family } from "../../core/address.ts"
import { Failure } from "../../core/failure.ts"
import type { HostInput } from "../../plan/host.ts"
import { planHost } from "../../plan/host.ts"
import {
  chosenStrays,
  knownUnits,
  leftoversOf,
  owning,
  straysOf,
  strayText,
  type KnownAddresses,
  type Leftover,
  type Stray,
} from "../../plan/strays.ts"
import { askAll } from "../../push/ask-all.ts"
import type { NodePool } from "../../push/node-pool.ts"
import { bareDoctorRequest } from "../../wire/doctor.ts"
import { applyOptions } from "../apply-options.ts"
import { withContacted } from "../contact.ts"
import { parallelHosts } from "../pool.ts"
import { deploy } from "../deploy.ts"
import { exitCodes } from "../exit.ts"
import type { ApplyFlags } from "../flags.ts"
import { runBefore } from "../hooks.ts"
import type { Inventories } from "../inventories.ts"
import { complain, print } from "../output.ts"
import type { Definition } from "../pipeline.ts"
import { withRealServers } from "../real-servers.ts"

/** Options of prune. */
export interface PruneFlags extends ApplyFlags {
  /** Addresses that are no VIPs of the fleet. */
  readonly foreign?: readonly string[]
}

/**
 * `lbctl realserver prune`: takes VIPs away that others left on loopbacks of real servers, by a plan, a question and an activation that
 * reverts as every one does. Files of others are told of and left alone.
 */
export async function prune(inventory: Inventories, flags: PruneFlags): Promise<number> {
  const options = applyOptions(flags)
  const named = (flags.foreign ?? []).map(namedAddress)
  return withRealServers(inventory, flags, async (asked, hosts) => {
    await runBefore("before-plan", asked, options.hooks)
    return withContacted(asked, hosts, options.json, async (contacted, pool) => {
      const { definition, inputs, unreachable } = contacted
      const known = knownAddresses(definition)
      const strays = inputs.flatMap((input) => straysOf(input, known))
      refuseAbsent(named, strays)
      const taken = chosenStrays(strays, named)
      const staying = strays.filter((stray) => !taken.includes(stray))
      const leftovers = await findLeftovers(inputs, strays, pool)
      tell(taken, staying, leftovers, options.json)
      if (taken.length === 0) return unreachable.length > 0 ? exitCodes.unreachable : exitCodes.done
      const concerned = inputs.filter(({ view }) => taken.some(({ host }) => host === view.host))
      concerned.forEach(refuseDifferent)
      const owned = concerned.map((input) => owning(input, taken))
      return deploy({
        what: "prune",
        contacted: { ...contacted, inputs: owned },
        pool,
        options,
        partial: true,
      })
    })
  })
}

function namedAddress(text: string): string {
  if (family(text) !== undefined) return canonicalAddress(text)
  throw new Failure("input", `--foreign ${text} is no IP address`)
}

function knownAddresses({ fleet }: Definition): KnownAddresses {
  return {
    vips: new Set([
      ...fleet.services.flatMap(({ vips }) => vips),
      ...fleet.clusters.map(({ vrrp }) => vrrp.anchor),
    ]),
    hosts: new Set(
      fleet.hosts.flatMap(({ addresses, connection }) => [...addresses, connection.address]),
    ),
  }
}

/** @throws Failure `input`: nothing is taken away by halves of what was asked for. */
function refuseAbsent(named: readonly string[], strays: readonly Stray[]): void {
  const absent = named.find((address) => strays.every((stray) => stray.address !== address))
  if (absent === undefined) return
  const known = strays.filter(({ kind }) => kind === "foreign").map(({ address }) => address)
  throw new Failure(
    "input",
    `--foreign ${absent}: no loopback of these hosts has it to take away`,
    {
      hint:
        known.length === 0
          ? "there are no such addresses; those of lbctl go by an apply"
          : `there are ${[...new Set(known)].join(", ")}`,
    },
  )
}

/** @throws Failure: what else an apply would do to the host is not asked for here. */
function refuseDifferent(input: HostInput): void {
  const { host } = input.view
  if (planHost(input).length === 0) return
  throw new Failure("failed", `${host} is not as it is defined: nothing was taken away`, {
    hint: `lbctl apply --limit ${host}, then prune: this takes addresses away and does nothing else`,
  })
}

/** A host that does not tell has no leftovers to tell of. */
async function findLeftovers(
  inputs: readonly HostInput[],
  strays: readonly Stray[],
  pool: NodePool,
): Promise<Leftover[]> {
  const { answers } = await askAll(
    inputs.map(({ view }) => view.host),
    (host) => pool.node(host),
    parallelHosts,
    (node) =>
      node.examine({
        ...bareDoctorRequest,
        units: knownUnits,
        names: strays.filter(({ host }) => host === node.host).map(({ address }) => address),
      }),
  )
  return inputs.flatMap((input) => {
    const examined = answers.get(input.view.host)
    return examined === undefined ? [] : leftoversOf(input, examined)
  })
}

function tell(
  taken: readonly Stray[],
  staying: readonly Stray[],
  leftovers: readonly Leftover[],
  json: boolean,
): void {
  if (json) {
    print(JSON.stringify({ type: "strays", taken, staying, leftovers }))
    return
  }
  if (taken.length === 0) print("No VIPs of others to take away.")
  for (const line of strayText(staying, leftovers)) complain(line)
}
