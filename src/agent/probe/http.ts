import { request } from "node:http"
import type { Socket } from "node:net"
import { formatEndpoint } from "../../core/address.ts"
import type { HealthCheck } from "../../model/fleet.ts"
import type { Outcome } from "../decide/health.ts"
import type { CheckTarget } from "../decide/targets.ts"
import { connectionWords } from "./connect.ts"

/** Asks for the check's path over a connection and judges the status code; the body is not read. Never rejects. */
export function askHttp(
  socket: Socket,
  target: CheckTarget,
  check: HealthCheck & { readonly type: "http" },
  timeoutMs: number,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const end = (outcome: Outcome): void => {
      clearTimeout(timer)
      asked.destroy()
      resolve(outcome)
    }
    const timer = setTimeout(
      () => end({ ok: false, message: `no answer within ${check.timeoutMs / 1000}s` }),
      timeoutMs,
    )
    const asked = request({
      createConnection: () => socket,
      path: check.path,
      headers: {
        host: check.host ?? formatEndpoint(target.vip, target.port),
        "user-agent": "lbagent",
        connection: "close",
      },
    })
    asked.once("response", (response) => {
      const status = response.statusCode ?? 0
      end({ ok: check.status.includes(status), message: `HTTP ${status}` })
    })
    asked.on("error", (error) => end({ ok: false, message: connectionWords(error) }))
    asked.end()
  })
}
