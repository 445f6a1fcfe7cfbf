import type { Socket } from "node:net"
import { family } from "../../core/address.ts"
import { shownBytes } from "../../core/bytes.ts"
import type { CheckOf } from "../../model/check.ts"
import type { Outcome } from "../decide/health.ts"
import type { CheckTarget } from "../decide/targets.ts"
import type { SmtpReply } from "../protocol/smtp.ts"
import { parseReply, replyLength } from "../protocol/smtp.ts"
import { Conversation } from "./conversation.ts"
import type { Deadline } from "./deadline.ts"
import { overStream } from "./stream.ts"

/** Whether a mail server greets, takes a HELO, and lets one go. Rejects with Failure. */
export function askSmtp(
  target: CheckTarget,
  check: CheckOf<"smtp">,
  deadline: Deadline,
): Promise<Outcome> {
  return overStream(target, check.tls, target.address, deadline, (socket) =>
    greet(socket, check, deadline),
  )
}

async function greet(socket: Socket, check: CheckOf<"smtp">, deadline: Deadline): Promise<Outcome> {
  const conversation = new Conversation(socket, deadline)
  const greeting = await hear(conversation)
  if (greeting.code !== 220) return unwanted("greeting", greeting, 220)
  if (check.greeting !== undefined && !greeting.text.includes(check.greeting))
    return { ok: false, message: `the greeting lacks ${JSON.stringify(check.greeting)}` }
  conversation.say(`HELO ${check.heloName ?? literal(socket.localAddress ?? "")}\r\n`)
  const helo = await hear(conversation)
  if (helo.code !== 250) return unwanted("HELO", helo, 250)
  conversation.say("QUIT\r\n")
  // RFC 5321 section 4.1.1.10: wait for the answer before closing; whether it comes says nothing of the server's health.
  await hear(conversation).catch(() => undefined)
  return { ok: true, message: "SMTP 250" }
}

async function hear(conversation: Conversation): Promise<SmtpReply> {
  const bytes = await conversation.hear(replyLength)
  return parseReply(bytes) ?? { code: 0, text: shownBytes(bytes) }
}

function unwanted(step: string, { code, text }: SmtpReply, wanted: number): Outcome {
  const came = code === 0 ? `no SMTP: ${text}` : `SMTP ${code}`
  return { ok: false, message: `${step}: ${came}, wanted ${wanted}` }
}

/** RFC 5321 section 4.1.3: an address literal, for a host without a name. */
function literal(address: string): string {
  return family(address) === 6 ? `[IPv6:${address}]` : `[${address}]`
}
