/** Why an effect did not happen, in the words of the exit codes (docs/exit-codes.md). */
export type FailureCode =
  | "failed"
  | "input"
  | "unreachable"
  | "stale"
  | "locked"
  | "reverted"
  | "guarded"
  | "interrupted"

/** The one class edges throw. `hint` names the next step. */
export class Failure extends Error {
  readonly code: FailureCode
  readonly hint: string | undefined
  readonly host: string | undefined

  constructor(
    code: FailureCode,
    message: string,
    options: { hint?: string; host?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = "Failure"
    this.code = code
    this.hint = options.hint
    this.host = options.host
  }
}

/** Any thrown value as a Failure; what is one already passes unchanged. */
export function toFailure(thrown: unknown, host?: string): Failure {
  if (thrown instanceof Failure) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new Failure("failed", message, { cause: thrown, ...(host === undefined ? {} : { host }) })
}
