import type { Outcome } from "../decide/health.ts"
import type { CheckTarget } from "../decide/targets.ts"
import { connectTarget } from "./connect.ts"
import type { Deadline } from "./deadline.ts"

/** Whether a TCP connection is accepted. Rejects with Failure. */
export async function askTcp(target: CheckTarget, deadline: Deadline): Promise<Outcome> {
  const socket = await connectTarget(target, deadline)
  socket.destroy()
  return { ok: true, message: "connected" }
}
