import { formatDuration } from "../core/duration.ts"
import { Failure } from "../core/failure.ts"
import type { Problem } from "../core/problem.ts"
import type { Examination } from "../model/doctor.ts"
import type { Observed } from "../model/observed.ts"
import type { NodeReply } from "../wire/activation-reply.ts"
import { parseNodeReply } from "../wire/activation-reply.ts"
import {
  activateCommand,
  confirmCommand,
  observeCommand,
  revertCommand,
  settleCommand,
  stageCommand,
} from "../wire/commands.ts"
import { doctorText, parseDoctorReply, type DoctorRequest } from "../wire/doctor.ts"
import { parseObserveReply } from "../wire/observe-reply.ts"
import type { ObserveRequest } from "../wire/observe-request.ts"
import { observeText } from "../wire/observe-request.ts"
import type { Stage } from "../wire/stage.ts"
import { stageTar } from "../wire/stage.ts"
import type { ActivateOptions, Activation } from "./node.ts"
import { activationFailure, refusalFailure } from "./node-replies.ts"
import type { ExecResult, Transport } from "./transport.ts"

/** Patience with each step, milliseconds. A confirmation waits up to 60 s on the node for another step to end. */
const patience = { observe: 60_000, stage: 120_000, confirm: 90_000, revert: 300_000 }

/** One exec, in which nothing is written on the node. */
export async function observe(
  transport: Transport,
  host: string,
  reading: string,
  request: ObserveRequest,
): Promise<Observed> {
  const text = observeText(reading, request)
  if (!text.ok) throw problemFailure("input", text.error, text.error.message)
  const options = { stdin: text.value, timeoutMs: patience.observe }
  const result = await transport.exec(observeCommand, options)
  const observed = parseObserveReply(host, result.stdout)
  if (observed.ok) return observed.value
  throw problemFailure("failed", observed.error, withWords(observed.error.message, result))
}

/** One exec, in which nothing is written on the node; `scripts` are `observeScript` and lbctl-doctor.sh. */
export async function examine(
  transport: Transport,
  host: string,
  scripts: readonly [string, string],
  request: DoctorRequest,
): Promise<Examination> {
  const text = doctorText(...scripts, request)
  if (!text.ok) throw problemFailure("input", text.error, text.error.message)
  const began = Date.now()
  const options = { stdin: text.value, timeoutMs: patience.observe }
  const result = await transport.exec(observeCommand, options)
  const reply = parseDoctorReply(result.stdout)
  if (reply === undefined) throw unexpected("examination", result)
  const { nowMs, ...told } = reply
  // The host told its time at some moment in between, and left the fraction of a second out.
  return { host, ...told, clockMs: nowMs + 500 - (began + Date.now()) / 2 }
}

/** Sends a stage and has it checked. */
export async function stage(
  transport: Transport,
  transaction: string,
  content: Stage,
): Promise<void> {
  const options = { stdin: stageTar(content), timeoutMs: patience.stage }
  const result = await transport.exec(stageCommand(transaction), options)
  const replies = repliesOf(result)
  const refused = replies.find((reply) => reply.type === "refused")
  if (refused !== undefined) throw refusalFailure(refused, result.stderr, secretsOf(content))
  if (!replies.some((reply) => reply.type === "staged")) throw unexpected("staging", result)
}

function secretsOf({ bundle }: Stage): ReadonlySet<string> {
  return new Set(bundle.files.filter((file) => file.secret === true).map(({ path }) => path))
}

/** Follows an activation until it is done or has failed. */
export async function activate(
  transport: Transport,
  transaction: string,
  { seconds, operations, tell }: ActivateOptions,
): Promise<Activation> {
  const channel = await transport.open(activateCommand(transaction, seconds))
  const replies: NodeReply[] = []
  for await (const line of channel.lines()) {
    const reply = parseNodeReply(line)
    if (reply === undefined) continue
    replies.push(reply)
    if (reply.type === "activated") return { release: () => channel.close() }
    const words = newsWords(reply)
    if (words !== undefined) tell(words)
  }
  const end = await channel.ended
  throw activationFailure(replies, operations) ?? unexpected("activation", { ...end, stdout: "" })
}

/** Asks for the release to stay; `gone` when it is no longer open. */
export async function confirm(
  transport: Transport,
  transaction: string,
): Promise<"confirmed" | "gone"> {
  const options = { timeoutMs: patience.confirm }
  const result = await transport.exec(confirmCommand(transaction), options)
  const replies = repliesOf(result)
  const gone = replies.find((reply) => reply.type === "gone")
  if (replies.some((reply) => reply.type === "confirmed") || gone?.how === "confirmed")
    return "confirmed"
  if (gone === undefined || gone.how === "unfinished") throw unexpected("confirmation", result)
  return "gone"
}

/** Brings what an earlier controller left open to its end. */
export async function settle(transport: Transport): Promise<"reverted" | "confirmed" | "nothing"> {
  const result = await transport.exec(settleCommand, { timeoutMs: patience.revert })
  const replies = repliesOf(result)
  const settled = replies.find((reply) => reply.type === "settled")?.how.split(" ")[0]
  if (settled === "reverted" || settled === "confirmed") return settled
  if (settled === "nothing" || replies.some((reply) => reply.type === "gone")) return "nothing"
  throw activationFailure(replies) ?? unexpected("settling of an earlier run", result)
}

/** Asks for the release to be taken back; `confirmed` when it is too late. */
export async function revert(
  transport: Transport,
  transaction: string,
): Promise<"reverted" | "confirmed"> {
  const options = { timeoutMs: patience.revert }
  const result = await transport.exec(revertCommand(transaction), options)
  const replies = repliesOf(result)
  const gone = replies.find((reply) => reply.type === "gone")
  if (gone?.how === "confirmed") return "confirmed"
  if (gone !== undefined || replies.some((reply) => reply.type === "reverted")) return "reverted"
  throw activationFailure(replies) ?? unexpected("taking the release back", result)
}

function newsWords(reply: NodeReply): string | undefined {
  if (reply.type === "settled") return `settled what an earlier run left: ${reply.how}`
  if (reply.type === "armed") return `reverts by itself in ${formatDuration(reply.seconds * 1000)}`
  return undefined
}

function repliesOf(result: ExecResult): NodeReply[] {
  return result.stdout.split("\n").flatMap((line) => parseNodeReply(line) ?? [])
}

function unexpected(what: string, result: ExecResult): Failure {
  return new Failure(
    "failed",
    withWords(`the host ended the ${what} with code ${result.code}`, result),
  )
}

function withWords(message: string, result: ExecResult): string {
  const words = result.stderr.trim().split("\n").slice(-3).join("; ")
  return words === "" ? message : `${message}: ${words}`
}

function problemFailure(code: "input" | "failed", problem: Problem, message: string): Failure {
  return new Failure(code, message, problem.hint === undefined ? {} : { hint: problem.hint })
}
