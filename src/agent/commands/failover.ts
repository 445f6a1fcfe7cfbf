import { Failure } from "../../core/failure.ts"
import type { FailoverAnswer } from "../api/api-answer.ts"
import { askDaemon, askStatus } from "../client.ts"
import { ownPaths } from "../paths.ts"
import { conclude } from "./output.ts"
import { pollUntilNone } from "./poll.ts"
import { badUsage, readWords } from "./words.ts"

/** A peer takes over at once, or four adverts later when it has to wait until this one is silent (RFC 5798 section 6.1). */
const advertsOfPatience = 6
const patienceMs = 10_000

/** Hands an instance over to its peer, or lifts an earlier handover; waits until the VIPs moved. */
export async function failover(words: readonly string[]): Promise<number> {
  const usage = "failover INSTANCE [--by NAME] [--reason TEXT]"
  const { plain, option } = readWords(words, ["by", "reason"], usage)
  const [instance] = plain
  if (instance === undefined || plain.length > 1)
    throw badUsage("one vrrp_instance is needed", usage)
  const [by, reason] = [option("by"), option("reason")]
  const query = new URLSearchParams({
    instance,
    ...(by === undefined ? {} : { by }),
    ...(reason === undefined ? {} : { reason }),
  })
  const { socket } = ownPaths()
  const reply = await askDaemon(socket, "POST", `/failover?${query.toString()}`)
  if (reply.code !== 200) return conclude(reply)
  const { begun, advertIntervalMs } = reply.body as FailoverAnswer
  const restored = begun === "restored"
  const left = await pollUntilNone(
    async () => {
      const status = await askStatus(socket)
      const now = status?.vrrp.find((item) => item.instance === instance)?.state
      return (now === "MASTER") === restored ? [] : [now]
    },
    patienceMs + advertsOfPatience * advertIntervalMs,
  )
  if (left.length === 0) return 0
  throw new Failure(
    "failed",
    restored
      ? `${instance} has its priority back, but is not MASTER`
      : `${instance} was told to let go, but is still MASTER`,
    { hint: "`journalctl -u keepalived -u lbagent` tells what they decided" },
  )
}
