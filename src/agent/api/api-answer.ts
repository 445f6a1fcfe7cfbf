/** One answer of the API. */
export interface ApiAnswer {
  readonly code: number
  /** Sent as JSON, or as it is when it is a text. */
  readonly body: unknown
}

/** A refusal in words, in the form of a reload's problems. */
export function refusal(code: number, message: string): ApiAnswer {
  return { code, body: { ok: false, problems: [{ rule: "agent", message }] } }
}

/** What a failover began, and how fast its instance is. */
export interface FailoverAnswer {
  readonly ok: true
  readonly begun: "released" | "restored"
  readonly advertIntervalMs: number
}
