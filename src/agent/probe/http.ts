import type { Socket } from "node:net"
import type { CheckOf, HttpQuestion } from "../../model/check.ts"
import type { Outcome } from "../decide/health.ts"
import { judgeAnswer, readsBody } from "../decide/http-verdict.ts"
import type { CheckTarget } from "../decide/targets.ts"
import type { Deadline } from "./deadline.ts"
import { exchange, headersOf } from "./http-exchange.ts"
import { searchText } from "./search.ts"
import { overStream } from "./stream.ts"

type Check = CheckOf<"http"> | CheckOf<"https">

/** Bytes of a body that are read where the check does not say. */
const usualBodyBytes = 65_536

/** Asks for every URL of the check, each over its own connection, until one is not answered well. Rejects with Failure. */
export async function askHttp(
  target: CheckTarget,
  check: Check,
  deadline: Deadline,
): Promise<Outcome> {
  let outcome = await askUrl(target, check, check, deadline)
  for (const url of check.urls ?? []) {
    if (!outcome.ok) return named(check.path, outcome)
    outcome = await askUrl(target, check, url, deadline)
    if (!outcome.ok) return named(url.path, outcome)
  }
  return outcome.ok || check.urls === undefined ? outcome : named(check.path, outcome)
}

/** Which of several URLs it was. */
function named(path: string, outcome: Outcome): Outcome {
  return { ...outcome, message: `${path}: ${outcome.message}` }
}

function askUrl(
  target: CheckTarget,
  check: Check,
  question: HttpQuestion,
  deadline: Deadline,
): Promise<Outcome> {
  const tls = check.type === "https" ? check : undefined
  return overStream(target, tls, question.host ?? target.address, deadline, (socket) =>
    converse(socket, target, check, question, deadline),
  )
}

async function converse(
  socket: Socket,
  target: CheckTarget,
  check: Check,
  question: HttpQuestion,
  deadline: Deadline,
): Promise<Outcome> {
  const answer = await exchange(
    {
      socket,
      method: question.method ?? "GET",
      path: question.path,
      headers: headersOf(check, question, target),
      ...(check.payload === undefined ? {} : { payload: check.payload }),
      bodyBytes: readsBody(question) ? (check.maxBodyBytes ?? usualBodyBytes) : 0,
    },
    deadline,
  )
  return judgeAnswer(question, answer, searchText)
}
