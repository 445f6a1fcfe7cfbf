import { chmodSync, chownSync, mkdirSync, rmSync } from "node:fs"
import { createServer } from "node:http"
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import { dirname } from "node:path"
import { toFailure } from "../../core/failure.ts"
import { formatProblem } from "../../core/problem.ts"
import type { Login } from "../../model/access.ts"
import type { AgentStatus } from "../../model/agent-status.ts"
import { failoverRefusal } from "../../plan/access.ts"
import type { ApiAnswer, FailoverAnswer } from "./api-answer.ts"
import { refusal } from "./api-answer.ts"
import { addOverride, liftOverride, mergeOverrides, tellOverrides } from "./api-overrides.ts"
import type { Director } from "../director/director.ts"
import type { Follower } from "../vrrp/follower.ts"
import { loginHeader, parseLogin } from "./login.ts"
import type { MetricsListener } from "./metrics-listener.ts"
import { metricsText } from "./metrics.ts"
import type { AgentPaths } from "../paths.ts"
import { readText } from "../store/files.ts"
import { localVlans } from "../kernel/vlans.ts"
import type { Notifier } from "../notify/notifier.ts"
import type { ProcessBook } from "../process-book.ts"
import type { StateLog } from "../director/state-log.ts"
import { withTransitions } from "../director/status.ts"
import { version } from "../version.ts"

/** What the API speaks for. */
export interface ApiSubject {
  readonly director: Director
  readonly follower: Follower
  readonly changes: StateLog
  readonly processes: ProcessBook
  readonly listener: MetricsListener
  readonly notifier: Notifier
}

/** What a handler goes by. */
interface Asked {
  readonly body: unknown
  readonly query: URLSearchParams
  /** Undefined: the request does not tell. */
  readonly login: Login | undefined
}

type Handler = (subject: ApiSubject, asked: Asked) => ApiAnswer

const handlers: Readonly<Record<string, Handler>> = {
  "GET /status": (subject) => ({ code: 200, body: agentStatus(subject) }),
  "GET /metrics": (subject) => ({ code: 200, body: metricsText(agentStatus(subject)) }),
  "POST /reload": ({ director, follower, listener }) => {
    const { ok, problems } = director.reload()
    follower.poll(director.desired)
    listener.follow(director.desired?.metrics?.listen)
    return { code: ok ? 200 : 422, body: { ok, problems } }
  },
  "POST /overrides": ({ director }, { body, login }) => addOverride(director, body, login),
  "POST /overrides/merge": ({ director }, { body }) => mergeOverrides(director, body),
  "POST /overrides/tell": ({ director }, { body, login }) => tellOverrides(director, body, login),
  "DELETE /overrides": ({ director }, { query, login }) => liftOverride(director, query, login),
  "POST /failover": ({ director, follower }, { query, login }) => {
    const name = query.get("instance")
    const by = query.get("by")
    const vrrp = director.desired?.vrrp.find(({ instance }) => instance === name)
    if (vrrp === undefined) return refusal(404, `no vrrp_instance ${name} here`)
    // Without a name it is part of an apply, whose guards have the say.
    const denied = by === null ? undefined : denialOfFailover(director, login, vrrp.cluster)
    if (denied !== undefined) return refusal(403, denied)
    const begun = follower.failover(vrrp, handoverWords(by, query.get("reason")))
    if (begun === undefined)
      return refusal(409, `${name} is not MASTER here, there is nothing to hand over`)
    const { advertIntervalMs } = vrrp
    const answer: FailoverAnswer = { ok: true, begun, advertIntervalMs }
    return { code: 200, body: answer }
  },
  "POST /release": ({ director, follower }) => {
    follower.release()
    const problems = director.release()
    return {
      code: problems.length === 0 ? 200 : 500,
      body: { ok: problems.length === 0, problems },
    }
  },
}

function denialOfFailover(
  { desired }: Director,
  login: Login | undefined,
  cluster: string,
): string | undefined {
  return desired && failoverRefusal(desired, login, cluster)
}

/** Who handed over and why, as changes of state tell it; nothing where nobody says who. */
function handoverWords(by: string | null, reason: string | null): string {
  if (by === null) return ""
  return `failover by ${by}${reason === null ? "" : ` (${reason})`}`
}

/** Everything the agent knows. */
export function agentStatus(subject: ApiSubject): AgentStatus {
  const { director, follower, changes, processes, listener, notifier } = subject
  const known = director.status()
  return withTransitions(
    {
      version,
      running: true,
      ...known,
      vrrp: follower.status(),
      processes: processes.all,
      vlans: localVlans(),
      warnings: [
        ...known.warnings,
        ...follower.warnings,
        ...listener.warnings,
        ...notifier.warnings,
      ],
    },
    changes,
  )
}

/**
 * Serves HTTP and JSON on the unix socket: 0660, and for the group `lbctl` where there is one. A socket that a killed
 * process left is replaced; whether another daemon serves it was asked before.
 */
export async function serveApi(paths: AgentPaths, subject: ApiSubject): Promise<Server> {
  const server = createServer((request, response) => {
    void reply(request, response, subject)
  })
  mkdirSync(dirname(paths.socket), { recursive: true, mode: 0o755 })
  rmSync(paths.socket, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(paths.socket, resolve)
  })
  chmodSync(paths.socket, 0o660)
  const group = /^lbctl:[^:]*:(\d+):/m.exec(readText(paths.groups) ?? "")?.[1]
  if (group !== undefined) chownSync(paths.socket, 0, Number(group))
  return server
}

async function reply(
  request: IncomingMessage,
  response: ServerResponse,
  subject: ApiSubject,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://agent")
  const handler = handlers[`${request.method} ${url.pathname}`]
  const answer =
    handler === undefined
      ? refusal(404, `there is no ${request.method} ${url.pathname}`)
      : await handle(handler, request, subject, url.searchParams)
  const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body)
  const type = typeof answer.body === "string" ? "text/plain; version=0.0.4" : "application/json"
  response.writeHead(answer.code, { "content-type": type }).end(text)
}

async function handle(
  handler: Handler,
  request: IncomingMessage,
  subject: ApiSubject,
  query: URLSearchParams,
): Promise<ApiAnswer> {
  try {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array))
    const text = Buffer.concat(chunks).toString("utf8")
    const body = text === "" ? undefined : parseBody(text)
    return handler(subject, { body, query, login: parseLogin(request.headers[loginHeader]) })
  } catch (thrown) {
    const { message, hint } = toFailure(thrown)
    const problem = { rule: "agent", message, ...(hint === undefined ? {} : { hint }) }
    return refusal(500, formatProblem(problem))
  }
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
