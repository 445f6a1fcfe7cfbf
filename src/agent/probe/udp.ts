import { beginsWith, parseBytes, shownBytes } from "../../core/bytes.ts"
import type { CheckOf } from "../../model/check.ts"
import type { Outcome } from "../decide/health.ts"
import type { CheckTarget } from "../decide/targets.ts"
import { exchangeDatagram } from "./datagrams.ts"
import type { Deadline } from "./deadline.ts"

/** Whether a datagram is answered as wanted, or at least not refused. Rejects with Failure. */
export async function askUdp(
  target: CheckTarget,
  check: CheckOf<"udp">,
  deadline: Deadline,
): Promise<Outcome> {
  const { payload = "", reply = "", requireReply } = check
  const wanted = parseBytes(reply)
  const answer = await exchangeDatagram(target, parseBytes(payload), deadline, (bytes) => bytes)
  if (answer === undefined)
    return requireReply
      ? { ok: false, message: deadline.silence }
      : { ok: true, message: "not refused" }
  return beginsWith(answer, wanted)
    ? { ok: true, message: "answered" }
    : { ok: false, message: `answered ${shownBytes(answer)}, wanted ${shownBytes(wanted)}` }
}
