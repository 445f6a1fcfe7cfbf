import type { SourceRef } from "../core/problem.ts"

/** One time and what is right for it, all in milliseconds. */
export interface Time {
  readonly name: string
  readonly value: number
  readonly least: number
  readonly most: number
  readonly step: number
  readonly at: () => SourceRef
}

export const second = 1000
export const day = 86_400 * second
