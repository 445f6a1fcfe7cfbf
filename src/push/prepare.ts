import { Failure, toFailure } from "../core/failure.ts"
import { limit } from "./limit.ts"
import type { Recorder } from "./recorder.ts"
import type { RolloutInput, RolloutOptions, Turn } from "./rollout-context.ts"

/** What becomes of hosts that cannot take their release. */
export interface Refusals {
  readonly refuse: (host: string, failure: Failure) => void
  /** Whether no further host is to be begun with. */
  readonly over: () => boolean
}

/** Brings agents where they are missing, then sends every release and has it checked. Nothing live is touched. */
export async function prepareAll(
  turns: readonly Turn[],
  input: RolloutInput,
  options: RolloutOptions,
  recorder: Recorder,
  { refuse, over }: Refusals,
): Promise<void> {
  const atOnce = limit(options.parallel)
  await Promise.all(
    [...byHost(turns)].map(([host, own]) =>
      atOnce(async () => {
        if (over()) return
        try {
          await install(own, input, recorder)
          for (const turn of own) await stageTurn(turn, input, recorder)
        } catch (thrown) {
          refuse(host, toFailure(thrown, host))
        }
      }),
    ),
  )
}

/** Removes stages that were not activated; a host that cannot be asked removes them itself after a day. */
export async function discardAll(
  turns: readonly Turn[],
  input: RolloutInput,
  options: RolloutOptions,
): Promise<void> {
  const atOnce = limit(options.parallel)
  await Promise.allSettled(
    turns.map(({ planned, transaction }) =>
      atOnce(() => input.node(planned.host).discard(transaction)),
    ),
  )
}

async function install(
  turns: readonly Turn[],
  input: RolloutInput,
  recorder: Recorder,
): Promise<void> {
  const [first] = turns
  const wanted = turns.find((turn) => turn.planned.install !== undefined)?.planned.install
  if (first === undefined || wanted === undefined) return
  const { host } = first.planned
  const node = input.node(host)
  const { agent, runtime } = input
  await recorder.step(host, "install", async (tell) => {
    if (agent?.id !== wanted.agent) {
      throw new Failure("failed", `this build of lbctl has no agent ${wanted.agent}`, {
        hint: "build it (npm run build) or reinstall lbctl",
      })
    }
    if (wanted.runtime) {
      if (runtime === undefined) throw new Failure("failed", "there is no Node runtime to install")
      await node.installRuntime(runtime, input.observed.get(host)?.facts ?? {}, tell)
    }
    tell(`agent ${agent.id.slice(0, 12)}`)
    await node.installAgent(agent)
  })
}

async function stageTurn(turn: Turn, input: RolloutInput, recorder: Recorder): Promise<void> {
  const { planned, transaction } = turn
  const { host, operations, changes, retains, cluster, directors } = planned
  const bundle = input.bundles.get(host)
  const { script, who, keep } = input
  await recorder.step(host, "stage", async () => {
    if (bundle === undefined) throw new Failure("failed", "there is no bundle for this host")
    await input.node(host).stage(transaction, {
      bundle,
      ...(cluster === undefined ? {} : { cluster }),
      directors,
      operations,
      changes,
      retains,
      keep,
      who,
      script,
    })
  })
}

function byHost(turns: readonly Turn[]): Map<string, Turn[]> {
  const hosts = new Map<string, Turn[]>()
  for (const turn of turns) {
    hosts.set(turn.planned.host, [...(hosts.get(turn.planned.host) ?? []), turn])
  }
  return hosts
}
