import { Failure } from "../../core/failure.ts"
import type { Release } from "../../model/release.ts"
import { askAll, type Answers } from "../../push/ask-all.ts"
import type { NodePool } from "../../push/node-pool.ts"
import type { NodePast } from "../../wire/history.ts"
import { applyOptions } from "../apply-options.ts"
import { managedHosts, withManaged } from "../chosen.ts"
import { contactShown } from "../contact.ts"
import { parallelHosts, withPool } from "../pool.ts"
import { deploy } from "../deploy.ts"
import { exitCodes } from "../exit.ts"
import type { ApplyFlags } from "../flags.ts"
import { runBefore } from "../hooks.ts"
import type { Inventories } from "../inventories.ts"
import { complain } from "../output.ts"
import { missingServers, withReleases } from "../past-definition.ts"
import { chooseTargets, type Target } from "../rollback-targets.ts"

/** Options of rollback. */
export interface RollbackFlags extends ApplyFlags {
  /** Beginning of the id of a run, or of a release. */
  readonly to?: string
}

/** So far back a run or release is looked for, lines of a host's history. */
const farBack = 1000

/** `lbctl rollback`: past releases, through the same plan, guards, question, order and confirmation as an apply. */
export async function rollback(inventory: Inventories, flags: RollbackFlags): Promise<number> {
  const options = applyOptions(flags)
  return withManaged(inventory, flags, (definition, chosen) =>
    withPool(definition.fleet, async (pool) => {
      const hosts = managedHosts(definition, chosen, flags.limit)
      const pasts = await pastsOf(hosts, pool)
      const { targets, staying, lost } = chooseTargets(pasts, flags.to)
      for (const { host, message } of staying) complain(`${host}: ${message}: it stays as it is`)
      if (lost.length > 0) throw lostFailure(lost)
      if (targets.length === 0) {
        complain("nothing was changed: there is nothing to go back to")
        return exitCodes.done
      }
      if (!options.json) for (const target of targets) complain(targetWords(target))
      const releases = await fetch(targets, pool)
      const then = withReleases(definition, releases)
      for (const host of missingServers(then, releases)) complain(missingWords(host))
      await runBefore("before-plan", then, options.hooks)
      const going = new Set(releases.keys())
      const contacted = await contactShown(then, going, options.json, pool)
      return deploy({ what: "rollback", contacted, pool, options })
    }),
  )
}

async function pastsOf(
  hosts: ReadonlySet<string>,
  pool: NodePool,
): Promise<ReadonlyMap<string, NodePast>> {
  const { answers, failures } = await askAll(
    hosts,
    (host) => pool.node(host),
    parallelHosts,
    (node) => node.past(farBack),
  )
  refuse(failures)
  return answers
}

async function fetch(
  targets: readonly Target[],
  pool: NodePool,
): Promise<ReadonlyMap<string, Release>> {
  const ids = new Map(targets.map(({ host, release }) => [host, release]))
  const { answers, failures } = await askAll(
    ids.keys(),
    (host) => pool.node(host),
    parallelHosts,
    (node) => node.release(ids.get(node.host) ?? ""),
  )
  refuse(failures)
  return answers
}

/** A host that cannot tell its releases is not to be left behind in silence. */
function refuse(failures: Answers<unknown>["failures"]): void {
  const [first] = failures
  if (first === undefined) return
  const { host, message } = first
  const out = failures.map((failure) => `!${failure.host}`).join(",")
  const others = failures.length === 1 ? "" : ` (and ${failures.length - 1} more)`
  throw new Failure(first.code, `${message}${others}; nothing was changed`, {
    host,
    hint: `to go on without: --limit '${out}' (added to a --limit you gave)`,
  })
}

function lostFailure(
  lost: readonly { readonly host: string; readonly message: string }[],
): Failure {
  const words = lost.map(({ host, message }) => `${host} ${message}`).join("; ")
  const out = lost.map(({ host }) => `!${host}`).join(",")
  return new Failure("failed", `nothing was changed: ${words}`, {
    hint: `lbctl history --json lists what hosts keep; to go on without: --limit '${out}'; releases.keep in clusters.yml keeps more`,
  })
}

function targetWords({ host, release, entry }: Target): string {
  const when = entry.since.slice(0, 16).replace("T", " ")
  return `${host}: to release ${release.slice(0, 12)} of run ${entry.run}, ${when} by ${entry.by}`
}

function missingWords(host: string): string {
  return `${host}: its directors will balance to it again, and it holds nothing of lbctl's\n    put it back into its group in hosts.yml: lbctl realserver setup -l ${host}`
}
