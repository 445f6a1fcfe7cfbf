import type { IpvsStep } from "../../model/ipvs.ts"
import type { Acknowledgement } from "../protocol/generic-netlink.ts"
import { encodeStep, explainRefusal, judgeStep } from "../protocol/ipvs-request.ts"
import { describeRefusal } from "./errno.ts"
import type { StepFailure } from "./ipvs-kernel.ts"
import type { FamilySocket } from "./netlink.ts"

/**
 * Operations in one datagram: 1,000 services of 10 servers take an eighth of the time of one by one; the answers, should all fail,
 * still fit a default receive buffer, and a datagram a default send buffer.
 */
const batchSize = 128

/** Carries out the steps in order, whatever becomes of each; returns those the kernel refused. */
export function applySteps(
  socket: FamilySocket,
  steps: readonly IpvsStep[],
): readonly StepFailure[] {
  const failures: StepFailure[] = []
  for (let start = 0; start < steps.length; start += batchSize)
    failures.push(...applyBatch(socket, steps.slice(start, start + batchSize)))
  return failures
}

/** A refusal that only means "the other way round" (add what is there, edit what is not) gets a second try. */
function applyBatch(socket: FamilySocket, steps: readonly IpvsStep[]): readonly StepFailure[] {
  const failures: StepFailure[] = []
  const again: { readonly asked: IpvsStep; readonly instead: IpvsStep }[] = []
  const outcomes = socket.batch(steps.map(encodeStep))
  steps.forEach((step, index) => {
    const outcome = outcomes[index] ?? { errno: 0 }
    const verdict = judgeStep(step, outcome.errno)
    if (verdict === "refused") failures.push(failure(step, outcome))
    else if (verdict !== "done") again.push({ asked: step, instead: verdict })
  })
  const second = socket.batch(again.map(({ instead }) => encodeStep(instead)))
  second.forEach((outcome, index) => {
    const step = again[index]?.asked
    if (step !== undefined && outcome.errno !== 0) failures.push(failure(step, outcome))
  })
  return failures
}

function failure(step: IpvsStep, outcome: Acknowledgement): StepFailure {
  return { step, error: explainRefusal(step, outcome.errno) ?? describeRefusal(outcome) }
}
