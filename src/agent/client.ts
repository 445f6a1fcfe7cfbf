import { loginHeader, loginText, ownLogin } from "./api/login.ts"
import { request } from "node:http"
import { setTimeout as sleep } from "node:timers/promises"
import { Failure } from "../core/failure.ts"
import type { Problem } from "../core/problem.ts"
import type { AgentStatus } from "../model/agent-status.ts"

/** What the daemon answered. */
export interface Reply {
  readonly code: number
  readonly body: unknown
}

/** A daemon that is being started again is given this long. */
const patienceMs = 2000

/** Asks the daemon on its socket; undefined when none is there. Throws Failure when it does not answer in time. */
export async function ask(
  socketPath: string,
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: unknown,
  timeoutMs = 60_000,
): Promise<Reply | undefined> {
  try {
    return await exchange(socketPath, method, path, body, timeoutMs)
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : ""
    if (["ENOENT", "ECONNREFUSED", "ECONNRESET", "EPIPE"].includes(code)) return undefined
    if (code === "EACCES")
      throw new Failure("failed", `no permission for ${socketPath}`, {
        hint: "be root, or a member of the group lbctl",
      })
    throw error
  }
}

/** As `ask`, but a daemon must be there: one that was just killed has two seconds to come back. */
export async function askDaemon(...question: Parameters<typeof ask>): Promise<Reply> {
  for (const beganMs = performance.now(); ; await sleep(100)) {
    const reply = await ask(...question)
    if (reply !== undefined) return reply
    if (performance.now() - beganMs >= patienceMs)
      throw new Failure("failed", "the lbagent daemon is not running", {
        hint: "start it with `systemctl start lbagent`; `journalctl -u lbagent` tells why it ended",
      })
  }
}

/** A daemon that does not tell its status for so long hangs. */
const statusTimeoutMs = 8000

/** The daemon's status; undefined when none is there. Throws Failure `unreachable` when one is there and hangs. */
export async function askStatus(socketPath: string): Promise<AgentStatus | undefined> {
  const reply = await ask(socketPath, "GET", "/status", undefined, statusTimeoutMs)
  if (reply !== undefined && reply.code !== 200)
    throw new Failure(
      "failed",
      problemsOf(reply)
        .map(({ message }) => message)
        .join("; "),
    )
  // Both ends are the same program.
  return reply === undefined ? undefined : (reply.body as AgentStatus)
}

/** The problems in a reply; none when all is well. */
export function problemsOf({ body }: Reply): readonly Problem[] {
  return (body as { problems?: readonly Problem[] }).problems ?? []
}

function exchange(
  socketPath: string,
  method: string,
  path: string,
  body: unknown,
  timeoutMs: number,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = method === "GET" ? {} : { [loginHeader]: loginText(ownLogin(process.env)) }
    const sent = request({ socketPath, method, path, headers, timeout: timeoutMs }, (response) => {
      const chunks: Buffer[] = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.on("error", reject)
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8")
        const isJson = (response.headers["content-type"] ?? "").includes("json")
        resolve({ code: response.statusCode ?? 0, body: isJson ? JSON.parse(text) : text })
      })
    })
    sent.on("timeout", () =>
      sent.destroy(
        new Failure("unreachable", `the daemon did not answer within ${timeoutMs / 1000}s`, {
          hint: "`systemctl status lbagent` and its journal tell what it is doing",
        }),
      ),
    )
    sent.on("error", reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
