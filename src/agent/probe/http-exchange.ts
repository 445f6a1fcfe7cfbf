import { request } from "node:http"
import type { IncomingMessage } from "node:http"
import type { Socket } from "node:net"
import { formatEndpoint } from "../../core/address.ts"
import { Failure } from "../../core/failure.ts"
import type { HttpAsking, HttpQuestion } from "../../model/check.ts"
import type { HttpAnswer } from "../decide/http-verdict.ts"
import type { CheckTarget } from "../decide/targets.ts"
import type { Deadline } from "./deadline.ts"
import { errorText } from "./words.ts"

/** One request over a connection of its own. */
export interface HttpRequest {
  readonly socket: Socket
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | number>>
  readonly payload?: string
  /** How much of the body is read at most; 0: the answer ends with its header. */
  readonly bodyBytes: number
}

/** The header of a request: the check's own words win over ours, apart from what frames the message. */
export function headersOf(
  { headers = {}, payload }: HttpAsking,
  { host }: HttpQuestion,
  { vip, port }: CheckTarget,
): Readonly<Record<string, string | number>> {
  const own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  return {
    "user-agent": "lbagent",
    accept: "*/*",
    ...Object.fromEntries(own),
    host: host ?? formatEndpoint(vip, port),
    connection: "close",
    ...(payload === undefined ? {} : { "content-length": Buffer.byteLength(payload) }),
  }
}

/** Sends the request and reads its answer. Rejects with Failure when there is none that is whole. */
export function exchange(asking: HttpRequest, deadline: Deadline): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const { socket, payload, bodyBytes, ...head } = asking
    const timer = setTimeout(() => fail(deadline.silence), deadline.leftMs)
    const asked = request({ ...head, createConnection: () => socket })
    const end = (answer: HttpAnswer): void => {
      clearTimeout(timer)
      asked.destroy()
      resolve(answer)
    }
    const fail = (message: string): void => {
      clearTimeout(timer)
      asked.destroy()
      reject(new Failure("failed", message))
    }
    asked.once("response", (response) => {
      // An answer may break off after all that was wanted of it came.
      response.on("error", (error) => fail(brokenOff(response, error)))
      const status = response.statusCode ?? 0
      if (bodyBytes === 0) return end({ status, body: new Uint8Array(), whole: false })
      readBody(response, bodyBytes, (body, whole) => end({ status, body, whole }))
    })
    asked.once("upgrade", (response) =>
      end({ status: response.statusCode ?? 0, body: new Uint8Array(), whole: true }),
    )
    asked.on("error", (error) => fail(hangUp(error)))
    asked.end(payload)
  })
}

function readBody(
  response: IncomingMessage,
  most: number,
  end: (body: Uint8Array, whole: boolean) => void,
): void {
  const parts: Buffer[] = []
  let length = 0
  response.on("data", (part: Buffer) => {
    parts.push(part)
    length += part.length
    if (length > most) end(Buffer.concat(parts).subarray(0, most), false)
  })
  response.once("end", () => end(Buffer.concat(parts), true))
}

function brokenOff(response: IncomingMessage, error: Error): string {
  return response.complete ? errorText(error) : "the answer broke off in its body"
}

/** Node's own word for a connection that ends before an answer. */
function hangUp(error: Error): string {
  return error.message === "socket hang up"
    ? "connection closed without an answer"
    : errorText(error)
}
