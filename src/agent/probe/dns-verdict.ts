import { canonicalAddress, family } from "../../core/address.ts"
import type { DnsAsking } from "../../model/check.ts"
import type { DnsAnswer } from "../protocol/dns.ts"
import { plainName, recordTypes } from "../protocol/dns.ts"
import type { Outcome } from "../decide/health.ts"

/** Whether a message answers the question; what does not is somebody else's. */
export function isAnswerTo(answer: DnsAnswer, id: number, asking: DnsAsking): boolean {
  const { question } = answer
  if (answer.id !== id || !answer.isResponse) return false
  // A server that could not read the question, or refuses it, may leave it out.
  if (question === undefined) return answer.rcode !== "NOERROR"
  return (
    question.name === plainName(asking.name) && question.type === recordTypes[asking.recordType]
  )
}

/** Whether an answer is as wanted. */
export function judgeDns(asking: DnsAsking, answer: DnsAnswer): Outcome {
  const { rcode, answer: wanted = [], recordType } = asking
  if (answer.rcode !== rcode) return { ok: false, message: `DNS ${answer.rcode}, wanted ${rcode}` }
  // The end of a chain of aliases answers as well as the name itself.
  const found = answer.records
    .filter(({ type }) => type === recordTypes[recordType])
    .map(({ data }) => data)
  const missing = wanted.find((data) => !found.includes(comparable(data)))
  if (missing === undefined) return { ok: true, message: `DNS ${rcode}` }
  const came = found.length === 0 ? `no ${recordType} record` : found.slice(0, 3).join(", ")
  const cut = answer.truncated ? " (cut short: ask with transport: tcp)" : ""
  return { ok: false, message: `DNS answered ${came}, wanted ${missing}${cut}` }
}

/** Data as the reader of answers writes it. */
function comparable(data: string): string {
  if (family(data) !== undefined) return canonicalAddress(data)
  return /^[\w. -]+$/.test(data) ? data.split(" ").map(plainOrText).join(" ") : data
}

function plainOrText(word: string): string {
  return word.endsWith(".") ? plainName(word) : word
}
