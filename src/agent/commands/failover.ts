import { Failure } from "../../core/failure.ts"
import { askDaemon, askStatus } from "../client.ts"
import { ownPaths } from "../paths.ts"
import { conclude } from "./output.ts"
import { pollUntilNone } from "./poll.ts"
import { badUsage } from "./words.ts"

/** A handover takes about an advert; three and the skew when the peer has to notice by itself. */
const patienceMs = 15_000

/** Hands an instance over to its peer, or lifts an earlier handover; waits until the VIPs moved. */
export async function failover(words: readonly string[]): Promise<number> {
  const [instance] = words
  if (instance === undefined || words.length > 1)
    throw badUsage("one vrrp_instance is needed", "failover INSTANCE")
  const { socket } = ownPaths()
  const reply = await askDaemon(
    socket,
    "POST",
    `/failover?instance=${encodeURIComponent(instance)}`,
  )
  if (reply.code !== 200) return conclude(reply)
  const restored = (reply.body as { readonly begun: string }).begun === "restored"
  const left = await pollUntilNone(async () => {
    const status = await askStatus(socket)
    const now = status?.vrrp.find((item) => item.instance === instance)?.state
    return (now === "MASTER") === restored ? [] : [now]
  }, patienceMs)
  if (left.length === 0) return 0
  throw new Failure(
    "failed",
    restored
      ? `${instance} has its priority back, but is not MASTER`
      : `${instance} was told to let go, but is still MASTER`,
    { hint: "`journalctl -u keepalived` tells what it decided" },
  )
}
