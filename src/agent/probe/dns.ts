import { randomInt } from "node:crypto"
import type { CheckOf } from "../../model/check.ts"
import { isAnswerTo, judgeDns } from "./dns-verdict.ts"
import type { Outcome } from "../decide/health.ts"
import type { CheckTarget } from "../decide/targets.ts"
import { encodeQuestion, parseAnswer, plainName } from "../protocol/dns.ts"
import { Conversation } from "./conversation.ts"
import { exchangeDatagram } from "./datagrams.ts"
import type { Deadline } from "./deadline.ts"
import { overStream } from "./stream.ts"

/** Whether a name server answers a question as wanted. Rejects with Failure. */
export async function askDns(
  target: CheckTarget,
  check: CheckOf<"dns">,
  deadline: Deadline,
): Promise<Outcome> {
  const id = randomInt(0x10000)
  const question = encodeQuestion(id, plainName(check.name), check.recordType)
  const judge = (bytes: Uint8Array): Outcome | undefined => {
    const answer = parseAnswer(bytes)
    return answer !== undefined && isAnswerTo(answer, id, check)
      ? judgeDns(check, answer)
      : undefined
  }
  if (check.transport === "tcp") return overTcp(target, question, deadline, judge)
  const outcome = await exchangeDatagram(target, question, deadline, judge)
  return outcome ?? { ok: false, message: deadline.silence }
}

/** RFC 7766 section 8: each message behind its length in two bytes. */
function overTcp(
  target: CheckTarget,
  question: Uint8Array,
  deadline: Deadline,
  judge: (answer: Uint8Array) => Outcome | undefined,
): Promise<Outcome> {
  return overStream(target, undefined, target.address, deadline, async (socket) => {
    const conversation = new Conversation(socket, deadline)
    conversation.say(Uint8Array.of(question.length >> 8, question.length & 0xff, ...question))
    const message = await conversation.hear(framed)
    return judge(message.subarray(2)) ?? { ok: false, message: "the answer is not to the question" }
  })
}

function framed(bytes: Uint8Array): number | undefined {
  const [high, low] = bytes
  if (high === undefined || low === undefined) return undefined
  const length = 2 + high * 256 + low
  return bytes.length >= length ? length : undefined
}
