import { Failure } from "../core/failure.ts"
import { formatProblem, type Problem } from "../core/problem.ts"
import type { Bundle } from "../model/bundle.ts"
import type { Event } from "../model/event.ts"
import { systemOf, type System } from "../model/system.ts"
import type { NodePool } from "../push/node-pool.ts"
import { observeAll } from "../push/observe-all.ts"
import { isAnswered, observeRequest } from "../wire/observe-request.ts"
import type { Definition } from "./pipeline.ts"
import { parallelHosts } from "./pool.ts"
import { otherSystems, withSystems } from "./systems.ts"

/** What the chosen ones of the hosts shall hold. */
export function chosenBundles({ bundles }: Definition, hosts: ReadonlySet<string>): Bundle[] {
  return [...bundles.values()].filter(({ host }) => hosts.has(host))
}

/** Looks at hosts by what they shall hold. */
export function lookAt(
  bundles: readonly Bundle[],
  pool: NodePool,
  emit: (event: Event) => void,
): ReturnType<typeof observeAll> {
  const requests = new Map(bundles.map((bundle) => [bundle.host, observeRequest(bundle)]))
  return observeAll(requests, (host) => pool.node(host), { parallel: parallelHosts, emit })
}

type Looked = Awaited<ReturnType<typeof lookAt>>

/** What hosts hold is asked for by what they shall hold, which depends on their system: that is known once they have answered. */
export async function lookFitting(
  asked: Definition,
  hosts: ReadonlySet<string>,
  pool: NodePool,
  emit: (event: Event) => void,
): Promise<{ definition: Definition; first: Looked }> {
  const first = await lookAt(chosenBundles(asked, hosts), pool, emit)
  const found = otherSystems(asked, toldBy(asked, first))
  if (found.size === 0) return { definition: asked, first }
  const fitting = withSystems(asked, found)
  if (!fitting.ok) throw unfit(fitting.error)
  const others = chosenBundles(fitting.value, hosts).filter((bundle) => {
    const seen = found.has(bundle.host) ? first.observed.get(bundle.host) : undefined
    return seen !== undefined && !isAnswered(observeRequest(bundle), seen)
  })
  const again = await lookAt(others, pool, emit)
  const kept = [...first.observed].filter(([host]) => !again.failures.has(host))
  return {
    definition: fitting.value,
    first: {
      observed: new Map([...kept, ...again.observed]),
      failures: new Map([...first.failures, ...again.failures]),
    },
  }
}

/** What hosts tell of their systems; those that lose all they have need not be fitted. */
function toldBy(
  { bundles }: Definition,
  { observed }: Looked,
): ReadonlyMap<string, Partial<System>> {
  const kept = [...observed].filter(([host]) => bundles.get(host)?.roles.length !== 0)
  return new Map(kept.map(([host, { facts }]) => [host, systemOf(facts)]))
}

function unfit(problems: readonly Problem[]): Failure {
  return new Failure("input", problems.map(formatProblem).join("\n"), {
    hint: "nothing was changed anywhere; this is what follows for hosts of this system (lbctl_init, lbctl_loopback)",
  })
}
