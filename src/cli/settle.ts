import { Failure, toFailure } from "../core/failure.ts"
import type { OpenTransaction } from "../model/observed.ts"
import type { NodePool } from "../push/node-pool.ts"
import { contactAgain, type Contacted } from "./contact.ts"
import { complain } from "./output.ts"

interface Unsettled {
  readonly host: string
  readonly transaction: OpenTransaction
}

/**
 * Brings what earlier controllers left open on these hosts to its end, says how, and looks at the hosts anew, so that
 * the plan starts from what they will hold.
 * @throws Failure `locked` when the controller of one is still connected: nothing is touched then.
 */
export async function settleOpen(contacted: Contacted, pool: NodePool): Promise<Contacted> {
  const open = contacted.inputs.flatMap(({ observed: { host, transaction } }): Unsettled[] =>
    transaction === undefined ? [] : [{ host, transaction }],
  )
  const [armed] = open.filter(({ transaction }) => transaction.state === "armed")
  if (armed !== undefined) throw lockedBy(armed)
  if (open.length === 0) return contacted
  await Promise.all(open.map((unsettled) => settle(unsettled, pool)))
  return contactAgain(contacted, pool)
}

async function settle({ host, transaction }: Unsettled, pool: NodePool): Promise<void> {
  const what = `release ${transaction.release.slice(0, 12)} by ${transaction.by} since ${transaction.since}`
  try {
    const how = await pool.node(host).settle()
    const end =
      how === "confirmed" ? "was confirmed: it stays" : "was never confirmed: it is taken back"
    complain(`${host}: ${what} ${end}`)
  } catch (thrown) {
    const failure = toFailure(thrown, host)
    if (failure.code === "locked") throw lockedBy({ host, transaction })
    throw failure
  }
}

function lockedBy({ host, transaction }: Unsettled): Failure {
  return new Failure(
    "locked",
    `${transaction.by} is applying a release since ${transaction.since}`,
    {
      host,
      hint: "wait for it to end, or talk to them; nothing was changed",
    },
  )
}
