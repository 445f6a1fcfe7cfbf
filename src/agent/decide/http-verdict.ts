import { createHash } from "node:crypto"
import { formatSize } from "../../core/size.ts"
import type { HttpQuestion, Pattern, StatusRange } from "../../model/check.ts"
import type { Outcome } from "./health.ts"

/** What came back. */
export interface HttpAnswer {
  readonly status: number
  /** As much of it as was read. */
  readonly body: Uint8Array
  /** The body is all there. */
  readonly whole: boolean
}

/** Whether a pattern is found in a text; undefined when the search took too long. */
export type Search = (pattern: Pattern, text: string) => boolean | undefined

/** Whether the verdict needs the body of the answer. */
export function readsBody({ body, regex, digest }: HttpQuestion): boolean {
  return body !== undefined || regex !== undefined || digest !== undefined
}

/** Whether an answer is as wanted, and what is wrong with it in a few words. */
export function judgeAnswer(question: HttpQuestion, answer: HttpAnswer, search: Search): Outcome {
  const came = `HTTP ${answer.status}`
  if (!isAccepted(answer.status, question.status))
    return { ok: false, message: `${came}, wanted ${statusWords(question.status)}` }
  const fault = bodyFault(question, answer, search)
  return fault === undefined
    ? { ok: true, message: came }
    : { ok: false, message: `${came}, ${fault}` }
}

function isAccepted(status: number, accepted: HttpQuestion["status"]): boolean {
  return accepted.some((one) =>
    typeof one === "number" ? one === status : status >= one.from && status <= one.to,
  )
}

function statusWords(accepted: HttpQuestion["status"]): string {
  return accepted.map((one) => (typeof one === "number" ? String(one) : rangeWords(one))).join(", ")
}

function rangeWords({ from, to }: StatusRange): string {
  return from % 100 === 0 && to === from + 99 ? `${from / 100}xx` : `${from}-${to}`
}

function bodyFault(
  { body: wanted, regex, digest }: HttpQuestion,
  { body, whole }: HttpAnswer,
  search: Search,
): string | undefined {
  const text = new TextDecoder().decode(body)
  if (wanted !== undefined && !text.includes(wanted))
    return `the body lacks ${JSON.stringify(wanted)}`
  const unmatched = regex === undefined ? undefined : patternFault(regex, text, search)
  if (unmatched !== undefined) return unmatched
  if (digest === undefined) return undefined
  if (!whole) return `the body is longer than the ${formatSize(body.length)} of max_body`
  const found = createHash(digest.length === 32 ? "md5" : "sha256")
    .update(body)
    .digest("hex")
  return found === digest ? undefined : `the body has the digest ${found}`
}

function patternFault(pattern: Pattern, text: string, search: Search): string | undefined {
  const found = search(pattern, text)
  const name = `/${pattern.source}/${pattern.flags}`
  if (found === undefined) return `${name} takes too long to search for`
  if (found !== pattern.absent) return undefined
  return pattern.absent ? `the body has ${name}` : `the body has no ${name}`
}
