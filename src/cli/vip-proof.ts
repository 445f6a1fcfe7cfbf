import { toFailure } from "../core/failure.ts"
import type { VipAnswer, VipQuestion } from "../model/vip-probe.ts"
import { servedVips, type ServedVip } from "../plan/vip-questions.ts"
import { verdictOf, type VipVerdict } from "../plan/vip-words.ts"
import type { NodePool } from "../push/node-pool.ts"
import { parseVipAnswers, probeWords } from "../wire/vip-probe.ts"
import type { Definition } from "./pipeline.ts"
import type { ClusterProof, Doubt } from "./proof.ts"

/** They travel on a command line, which holds 128 KiB (execve(2)). */
const questionsAtOnce = 400
/** Two times three seconds for those who are silent, and a slow host's time to start the agent. */
const probeMs = 60_000

/** A real server on a VIP and port, and what a director found. */
export interface VipProof extends ServedVip, VipVerdict {
  /** Who asked. */
  readonly director: string
  readonly answer?: VipAnswer
}

/** Has a cluster's director ask these real servers on all VIPs they serve there, whether they are pooled or not. */
export async function proveVips(
  definition: Definition,
  cluster: string,
  { director }: ClusterProof,
  hosts: ReadonlySet<string>,
  pool: NodePool,
): Promise<VipProof[]> {
  if (director === undefined) return []
  const state = definition.views.find((view) => view.host === director.host)?.director
  if (state === undefined) return []
  const served = servedVips(state, cluster, hosts)
  const asked = served.flatMap(({ question }) => (typeof question === "string" ? [] : [question]))
  const answers = new Map<VipQuestion, VipAnswer>()
  for (let at = 0; at < asked.length; at += questionsAtOnce) {
    const questions = asked.slice(at, at + questionsAtOnce)
    const heard = await ask(definition, director, questions, pool)
    questions.forEach((question, index) => {
      const answer = heard[index]
      if (answer !== undefined) answers.set(question, answer)
    })
  }
  return served.map((one) => {
    const answer = typeof one.question === "string" ? undefined : answers.get(one.question)
    const verdict = verdictOf(one, answer)
    return { ...one, ...verdict, director: director.host, ...(answer && { answer }) }
  })
}

async function ask(
  { bundles }: Definition,
  director: { readonly host: string; readonly interface: string },
  questions: readonly VipQuestion[],
  pool: NodePool,
): Promise<readonly VipAnswer[]> {
  const unsent = (words: string): VipAnswer[] => questions.map(() => ({ outcome: "unsent", words }))
  const agent = bundles.get(director.host)?.agent
  if (agent === undefined) return unsent(`${director.host} has no agent`)
  try {
    const words = probeWords(director.interface, questions)
    const { code, stdout, stderr } = await pool.node(director.host).agent(agent, words, probeMs)
    const answers = code === 0 ? parseVipAnswers(stdout, questions.length) : undefined
    return answers ?? unsent(stderr.trim().split("\n").at(-1) ?? "")
  } catch (thrown) {
    return unsent(toFailure(thrown).message)
  }
}

/** What speaks against real servers, for `proof.ts`. */
export function doubtsOf(proofs: readonly VipProof[]): Doubt[] {
  return proofs.flatMap(({ host, endpoint, standing, words, answer }) => {
    const message = `${host} on ${endpoint}: ${words}`
    if (standing === "disproved") return [{ message }]
    return answer?.outcome === "unsent" ? [{ message, unasked: true as const }] : []
  })
}
