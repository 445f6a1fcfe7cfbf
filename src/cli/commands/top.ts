import { setTimeout as sleep } from "node:timers/promises"
import { Failure } from "../../core/failure.ts"
import type { NodePool } from "../../push/node-pool.ts"
import { withChosen, type ChoiceFlags } from "../chosen.ts"
import { contact, contactShown, type Contacted } from "../contact.ts"
import { withPool } from "../pool.ts"
import { durationOption } from "../duration-option.ts"
import { exitCodes } from "../exit.ts"
import type { Inventories } from "../inventories.ts"
import { seenOf } from "../look.ts"
import { print } from "../output.ts"
import type { Definition } from "../pipeline.ts"
import { hasScreen, openScreen, type Screen } from "../screen.ts"
import { serviceFacts } from "../show/facts.ts"
import {
  fitRows,
  topJson,
  topMoment,
  topOrders,
  topText,
  type TopMoment,
  type TopOrder,
} from "../show/top.ts"
import { silentDirectors } from "../tables.ts"
import { chosenDirectors } from "./show.ts"

/** Flags of `lbctl top`. */
export interface TopFlags extends ChoiceFlags {
  readonly cluster?: string
  readonly interval: string
  readonly sort: string
  readonly once?: true
}

/** Between a look that would only load the hosts, and one that nobody waits for. */
const [leastMs, mostMs] = [500, 3_600_000]

/** `lbctl top`: services and real servers, busiest first, again and again over connections that stay open. */
export async function top(inventory: Inventories, flags: TopFlags): Promise<number> {
  const intervalMs = intervalOption(flags.interval)
  const order = orderOption(flags.sort)
  return withChosen(inventory, flags, (definition, chosen) => {
    const hosts = chosenDirectors(definition, chosen, flags.cluster)
    const moment = (contacted: Contacted): TopMoment => {
      const at = new Date().toISOString()
      const seen = seenOf(hosts, contacted)
      const facts = serviceFacts(seen, at).filter(
        ({ cluster }) => flags.cluster === undefined || cluster === flags.cluster,
      )
      return topMoment(facts, order, { at, silent: silentDirectors(seen) })
    }
    return withPool(definition.fleet, async (pool) => {
      const first = moment(await contactShown(definition, hosts, flags.json === true, pool))
      const printed = flags.json === true || flags.once === true || !hasScreen()
      const screen = printed ? undefined : openScreen()
      try {
        const show = (now: TopMoment): void => present(now, screen, flags.json === true)
        show(first)
        if (flags.once === true)
          return first.silent.length > 0 ? exitCodes.unreachable : exitCodes.done
        const left = screen?.left ?? closedOutput()
        const again = async () => moment(await lookAgain(definition, hosts, pool))
        await repeat(again, show, intervalMs, left)
        return exitCodes.done
      } finally {
        screen?.close()
      }
    })
  })
}

async function repeat(
  again: () => Promise<TopMoment>,
  show: (moment: TopMoment) => void,
  intervalMs: number,
  left: AbortSignal,
): Promise<void> {
  const leaving = new Promise<undefined>((resolve) =>
    left.addEventListener("abort", () => resolve(undefined)),
  )
  while (!left.aborted) {
    await sleep(intervalMs, undefined, { signal: left }).catch(() => undefined)
    if (left.aborted) return
    const moment = await Promise.race([again(), leaving])
    if (moment === undefined) return
    show(moment)
  }
}

function lookAgain(
  definition: Definition,
  hosts: ReadonlySet<string>,
  pool: NodePool,
): Promise<Contacted> {
  return contact(definition, hosts, pool, () => undefined)
}

function present(moment: TopMoment, screen: Screen | undefined, json: boolean): void {
  if (json) return print(JSON.stringify(topJson(moment)))
  const text = topText(moment)
  if (screen === undefined) return print(`${text}\n\n`)
  screen.show(fitRows(text, screen.rows))
}

/** Where nobody reads any more (`lbctl top | head`), nobody has to be asked any more. */
function closedOutput(): AbortSignal {
  const closed = new AbortController()
  process.stdout.once("error", () => closed.abort())
  return closed.signal
}

function intervalOption(text: string): number {
  const milliseconds = durationOption("--interval", text, "1s, 5s, 1m")
  if (milliseconds >= leastMs && milliseconds <= mostMs) return milliseconds
  throw new Failure("input", `--interval ${text}: must be from 500ms to 1h`, {
    hint: "rates are the kernel's, which counts every two seconds",
  })
}

function orderOption(text: string): TopOrder {
  const order = topOrders.find((known) => known === text)
  if (order !== undefined) return order
  throw new Failure("input", `--sort ${text}: not possible`, {
    hint: `one of ${topOrders.join(", ")}`,
  })
}
