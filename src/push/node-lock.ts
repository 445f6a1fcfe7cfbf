import { Failure } from "../core/failure.ts"
import { parseNodeReply } from "../wire/activation-reply.ts"
import {
  lockCommand,
  lockText,
  parseLockReply,
  type LockCall,
  type LockReply,
} from "../wire/lock.ts"
import { refusalFailure } from "./node-replies.ts"
import type { Transport } from "./transport.ts"

const timeoutMs = 30_000

/** One exec: takes, renews or gives back the lock of a host; `script` is the text of the lock script. */
export async function askLock(
  transport: Transport,
  script: string,
  call: LockCall,
): Promise<LockReply> {
  const result = await transport.exec(lockCommand, { stdin: lockText(script, call), timeoutMs })
  const reply = parseLockReply(result.stdout)
  if (reply !== undefined) return reply
  const refused = result.stdout.split("\n").map(parseNodeReply)
  const reason = refused.find((line) => line?.type === "refused")
  if (reason !== undefined) throw refusalFailure(reason, result.stderr)
  const words = result.stderr.trim().split("\n").at(-1) ?? ""
  throw new Failure("failed", `the host's lock cannot be used: ${words || "it said nothing"}`, {
    hint: "lbctl writes below /run/lbctl and /var/lib/lbctl, as root",
  })
}
