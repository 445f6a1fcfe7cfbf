import { setTimeout as sleep } from "node:timers/promises"

import { Failure, toFailure } from "../core/failure.ts"
import type { DesiredVrrp } from "../model/desired.ts"
import type { Observed } from "../model/observed.ts"
import { canTakeOver } from "../model/takeover.ts"
import type { ObserveRequest } from "../wire/observe-request.ts"
import type { Tell } from "./node.ts"
import type { RolloutInput } from "./rollout-context.ts"

/** The agent waits for the VIPs to move, which takes some adverts. */
const answerMs = 60_000
/** Agents look once a second: so long until all of them have seen what happened. */
const settlingMs = 15_000
const pauseMs = 500

const vrrpOnly: ObserveRequest = {
  files: [],
  sysctls: [],
  modules: [],
  units: [],
  commands: [],
  runtime: true,
  ipvs: true,
}

type Context = Pick<RolloutInput, "node" | "bundles">

/**
 * Hands an instance over before its master changes, to a backup that holds its new release, and waits until that one has the VIPs.
 * @returns whether it was handed over: not by a director that is no master, nor where there is no such backup, which is told.
 * @throws Failure when the VIPs did not move, or nobody could be asked.
 */
export async function handOver(
  host: string,
  vrrp: DesiredVrrp,
  context: Context,
  tell: Tell,
): Promise<boolean> {
  const own = stateOf(await context.node(host).observe(vrrpOnly), vrrp)
  if (own.state !== "MASTER") return false
  const peers = await Promise.all(
    vrrp.directors.filter((name) => name !== host).map((name) => readyPeer(name, vrrp, context)),
  )
  const heirs = peers.flatMap((name) => name ?? [])
  if (heirs.length === 0) {
    tell(`${vrrp.instance}: no backup on its new release to hand over to; goes on without`)
    return false
  }
  tell(`${vrrp.instance}: hands over to ${heirs.join(" or ")}`)
  await askForFailover(host, vrrp.instance, context)
  await untilMoved(host, vrrp, heirs, context)
  return true
}

/** With preempt the director keeps a low priority after a handover, until it is lifted: it takes its VIPs back. */
export async function takeBackVips(
  host: string,
  vrrp: DesiredVrrp,
  context: Context,
): Promise<void> {
  await askForFailover(host, vrrp.instance, context)
}

/** The peer's name when it would take over, and with its new release. */
async function readyPeer(
  name: string,
  vrrp: DesiredVrrp,
  { node, bundles }: Context,
): Promise<string | undefined> {
  try {
    const observed = await node(name).observe(vrrpOnly)
    const isNew = observed.release === bundles.get(name)?.id && observed.transaction === undefined
    return isNew && canTakeOver(stateOf(observed, vrrp), vrrp.preempt) ? name : undefined
  } catch (thrown) {
    if (toFailure(thrown).code === "unreachable") return undefined
    throw thrown
  }
}

async function askForFailover(
  host: string,
  instance: string,
  { node, bundles }: Context,
): Promise<void> {
  const agent = bundles.get(host)?.agent
  if (agent === undefined) throw new Failure("failed", "there is no agent to hand over by")
  const { code, stdout, stderr } = await node(host).agent(agent, ["failover", instance], answerMs)
  if (code === 0) return
  const said = stderr.trim() || stdout.trim()
  throw new Failure("failed", `${instance} was not handed over: ${said}`, {
    hint: "lbctl show nodes tells who is master; without --handover the master changes in its place",
  })
}

/** Until an heir holds every VIP, and the director that handed over could take over again. */
async function untilMoved(
  host: string,
  vrrp: DesiredVrrp,
  heirs: readonly string[],
  { node }: Context,
): Promise<void> {
  const deadline = performance.now() + settlingMs + 6 * vrrp.advertIntervalMs
  for (;;) {
    const own = stateOf(await node(host).observe(vrrpOnly), vrrp)
    const seen = await Promise.all(heirs.map((name) => node(name).observe(vrrpOnly)))
    if (canTakeOver(own, vrrp.preempt) && seen.some((peer) => holdsAll(peer, vrrp))) return
    if (performance.now() > deadline) {
      throw new Failure("failed", `no backup of ${vrrp.instance} took all VIPs`, {
        hint: "lbctl show nodes tells who holds them; nothing was changed on this host",
      })
    }
    await sleep(pauseMs)
  }
}

function holdsAll({ addresses }: Observed, { anchor, vips }: DesiredVrrp): boolean {
  return [anchor, ...vips].every((vip) => addresses.some(({ address }) => address === vip))
}

function stateOf(
  { agent }: Observed,
  { instance }: DesiredVrrp,
): { readonly state: string; readonly demoted: boolean } {
  const known = agent?.vrrp.find((item) => item.instance === instance)
  return { state: known?.state ?? "unknown", demoted: known?.demoted ?? false }
}
