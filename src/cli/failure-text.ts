import { Failure } from "../core/failure.ts"

/** What ended a command, and the next step: never a stack trace. */
export function failureText(thrown: unknown): string {
  const host = thrown instanceof Failure && thrown.host !== undefined ? `${thrown.host}: ` : ""
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  const hint = thrown instanceof Failure ? thrown.hint : defectHint(thrown)
  return `lbctl: ${host}${message}${hint === undefined ? "" : `\n    ${hint}`}`
}

/** Where an error arose, for LBCTL_DEBUG: that of its cause when an edge has put it into words. */
export function stackOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return ""
  return (thrown.cause instanceof Error ? thrown.cause.stack : thrown.stack) ?? ""
}

/** Errors of the operating system speak for themselves (node:errors, SystemError); others nobody expected. */
function defectHint(thrown: unknown): string | undefined {
  return thrown instanceof Error && "syscall" in thrown
    ? undefined
    : "this is a defect of lbctl: LBCTL_DEBUG=1 shows where; please report it"
}
