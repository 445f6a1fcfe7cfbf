import type { Socket } from "node:net"
import { beginsWith, parseBytes, shownBytes } from "../../core/bytes.ts"
import type { CheckOf } from "../../model/check.ts"
import type { Outcome } from "../decide/health.ts"
import type { CheckTarget } from "../decide/targets.ts"
import { Conversation } from "./conversation.ts"
import type { Deadline } from "./deadline.ts"
import { overStream } from "./stream.ts"

/** Whether a connection is accepted, and what is said on it as wanted. Rejects with Failure. */
export function askTcp(
  target: CheckTarget,
  check: CheckOf<"tcp">,
  deadline: Deadline,
): Promise<Outcome> {
  return overStream(target, check.tls, target.address, deadline, (socket) =>
    converse(socket, check, deadline),
  )
}

async function converse(
  socket: Socket,
  { send, receive }: CheckOf<"tcp">,
  deadline: Deadline,
): Promise<Outcome> {
  const connected = { ok: true, message: "connected" }
  if (send === undefined && receive === undefined) return connected
  const conversation = new Conversation(socket, deadline)
  if (send !== undefined) conversation.say(parseBytes(send))
  if (receive === undefined) return connected
  const wanted = parseBytes(receive)
  const heard = await conversation.hear((bytes) => decided(bytes, wanted))
  return beginsWith(heard, wanted)
    ? { ok: true, message: `answered ${shownBytes(wanted)}` }
    : { ok: false, message: `answered ${shownBytes(heard)}, wanted ${shownBytes(wanted)}` }
}

/** As many bytes as are needed to judge: a wrong one is enough. */
function decided(bytes: Uint8Array, wanted: Uint8Array): number | undefined {
  if (bytes.length >= wanted.length) return wanted.length
  return beginsWith(wanted, bytes) ? undefined : bytes.length
}
