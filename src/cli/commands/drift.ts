import type { Release } from "../../model/release.ts"
import { driftText, hostDrift } from "../../plan/drift.ts"
import type { HostInput } from "../../plan/host.ts"
import { askAll } from "../../push/ask-all.ts"
import type { NodePool } from "../../push/node-pool.ts"
import { observeRequest } from "../../wire/observe-request.ts"
import { withManaged, type ChoiceFlags } from "../chosen.ts"
import { withContacted } from "../contact.ts"
import { hostInput } from "../host-input.ts"
import { parallelHosts } from "../pool.ts"
import { exitCodes } from "../exit.ts"
import type { Inventories } from "../inventories.ts"
import { complain, print, printJson } from "../output.ts"
import { withReleases } from "../past-definition.ts"
import type { Definition } from "../pipeline.ts"

/** Options of drift. */
export type DriftFlags = ChoiceFlags

/** `lbctl drift`: what hosts hold beside the releases they confirmed; nothing is written anywhere. */
export async function drift(inventory: Inventories, flags: DriftFlags): Promise<number> {
  const json = flags.json === true
  return withManaged(inventory, flags, (definition, hosts) =>
    withContacted(definition, hosts, json, async (contacted, pool) => {
      const { inputs, unreachable } = contacted
      const { released, failures } = await releasedInputs(contacted.definition, inputs, pool)
      const failed = new Set(failures.map(({ host }) => host))
      const found = inputs
        .filter(({ observed }) => !failed.has(observed.host))
        .map((input) => hostDrift(input, released.get(input.observed.host)))
      const silent = [...unreachable, ...failures.filter(({ code }) => code === "unreachable")]
      const others = failures.filter(({ code }) => code !== "unreachable")
      if (json) printJson({ hosts: found, unreachable: silent, failed: others })
      else {
        print(driftText(found))
        for (const { host, message, hint } of [...silent, ...others])
          complain(`${host}: ${message}${hint === undefined ? "" : `\n    ${hint}`}`)
      }
      if (silent.length > 0) return exitCodes.unreachable
      if (others.length > 0) return exitCodes.failed
      return found.some((host) => host.drift.length > 0) ? exitCodes.changes : exitCodes.done
    }),
  )
}

/** Each host's release beside what the host holds; only where it is not the definition's own is it fetched. */
async function releasedInputs(
  definition: Definition,
  inputs: readonly HostInput[],
  pool: NodePool,
): Promise<{
  readonly released: ReadonlyMap<string, HostInput>
  readonly failures: Awaited<ReturnType<typeof askAll>>["failures"]
}> {
  const same = inputs.filter(({ bundle, observed }) => observed.release === bundle.id)
  const other = new Map(
    inputs.flatMap(({ bundle, observed }): [string, string][] =>
      observed.release === undefined || observed.release === bundle.id
        ? []
        : [[observed.host, observed.release]],
    ),
  )
  const { answers, failures } = await askAll(
    other.keys(),
    (host) => pool.node(host),
    parallelHosts,
    async (node) => {
      const release: Release = await node.release(other.get(node.host) ?? "")
      const then = withReleases(definition, new Map([[node.host, release]]))
      const observed = await node.observe(observeRequest(release.bundle))
      return hostInput(then, release.bundle, observed)
    },
  )
  return {
    released: new Map([...same.map((input) => [input.observed.host, input] as const), ...answers]),
    failures,
  }
}
