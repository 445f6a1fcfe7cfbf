/** Options of plan. */
export interface PlanFlags {
  readonly limit?: string
  readonly diff?: true
  readonly detailedExitcode?: true
  readonly json?: true
}

/** Options of apply and of what applies a part. */
export interface ApplyFlags {
  readonly limit?: string
  readonly yes?: true
  readonly diff?: true
  /** Names of guards, commas between them. */
  readonly allow?: string
  readonly confirmTimeout: string
  readonly json?: true
}
