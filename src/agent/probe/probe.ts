import { toFailure } from "../../core/failure.ts"
import type { Outcome } from "../decide/health.ts"
import type { CheckTarget } from "../decide/targets.ts"
import { connectTarget } from "./connect.ts"
import { askHttp } from "./http.ts"

/** Puts one check's question; connection and answer share its timeout. Never rejects. */
export async function probe(target: CheckTarget): Promise<Outcome> {
  const { check } = target
  const beganMs = performance.now()
  try {
    const socket = await connectTarget(target, check.timeoutMs)
    if (check.type === "http") {
      const leftMs = Math.max(1, check.timeoutMs - (performance.now() - beganMs))
      return await askHttp(socket, target, check, leftMs)
    }
    // Whatever becomes of an answered connection is no affair of the check.
    socket.on("error", () => undefined)
    socket.destroy()
    return { ok: true, message: "connected" }
  } catch (thrown) {
    return { ok: false, message: toFailure(thrown).message }
  }
}
