/** A dead connection is noticed after three unanswered questions: 15 s. */
export const keepaliveDefaults = { intervalMs: 5000, countMax: 3 } as const
