import { canonicalAddress } from "../core/address.ts"
import { Failure } from "../core/failure.ts"
import type { HostPlan } from "../model/plan.ts"
import { askNeighbours } from "./ask-neighbours.ts"
import { coalesce } from "./coalesce.ts"
import type { NeighbourAnswer } from "./neighbours.ts"
import type { Recorder } from "./recorder.ts"
import type { RolloutInput } from "./rollout-context.ts"

/**
 * Proves that real servers hold their new VIPs silently: a director asks the segment who has them, and no real server may
 * answer. Real servers of one cluster share questions.
 * @returns a check that rejects with Failure `failed` when this host, or another real server, answers.
 */
export function openSilenceCheck(
  input: RolloutInput,
  recorder: Recorder,
): (planned: HostPlan) => Promise<void> {
  const owners = macOwners(input)
  const gaining = new Set(
    input.plan.hosts.filter((item) => item.gainedVips.length > 0).map((item) => item.host),
  )
  const questions = new Map<
    string,
    (vips: readonly string[]) => Promise<readonly NeighbourAnswer[]>
  >()
  const question = (directors: readonly string[]) => {
    const key = directors.join(" ")
    const known = questions.get(key) ?? coalesce((vips) => askOne(directors, vips, input, recorder))
    questions.set(key, known)
    return known
  }
  return async ({ host, gainedVips, directors }) => {
    const own = gainedVips.map(canonicalAddress)
    const answers = await question(directors)(own)
    for (const { address, macs } of answers.filter((item) => own.includes(item.address))) {
      for (const mac of macs) {
        const owner = owners.get(mac)
        // Another host that gains VIPs now is told so on its own turn.
        if (owner === undefined || (owner !== host && gaining.has(owner))) continue
        throw new Failure("failed", `${owner} answers ARP for the VIP ${address} (${mac})`, {
          hint: "a real server must hold it silently: arp_ignore and arp_announce of all and of its ingress device",
        })
      }
    }
  }
}

/** Asks by the first director that can; when none can, the operator is told that nothing was proved. */
async function askOne(
  directors: readonly string[],
  vips: readonly string[],
  input: RolloutInput,
  recorder: Recorder,
): Promise<readonly NeighbourAnswer[]> {
  const reasons: string[] = []
  for (const director of directors) {
    const agent = input.bundles.get(director)?.agent
    const device = input.segments.get(director)
    if (agent === undefined || device === undefined) continue
    const answers = await askNeighbours(input.node(director), agent, device, vips)
    if (answers.ok) return answers.value
    reasons.push(`${director}: ${answers.error}`)
  }
  recorder.emit({
    type: "notice",
    message: `nobody could verify that the new VIPs are silent (${reasons.join("; ") || "no director with an agent"})`,
    hint: "lbctl realserver verify does it once a director answers",
  })
  return []
}

/** Whose network devices are whose, of all hosts that are no directors. */
function macOwners(input: RolloutInput): Map<string, string> {
  const owners = new Map<string, string>()
  for (const [host, observed] of input.observed) {
    if (input.segments.has(host)) continue
    for (const link of observed.links) if (link.mac !== "") owners.set(link.mac.toLowerCase(), host)
  }
  return owners
}
