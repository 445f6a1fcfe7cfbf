import { keepalivedServices } from "../../model/desired.ts"
import type { Check, EarlyDirector, Symptom } from "./check.ts"
import { directorsIn, each } from "./check.ts"

/** keepalived reads the checkers' list once for each of them before 2.3.0 (acassen/keepalived#2318). */
const manyCheckers = 500

/** keepalived as a program. */
export const keepalivedChecks: readonly Check[] = [
  {
    id: "V01",
    severity: "error",
    looksAt: "keepalived's version",
    why: "before 2.2.0 it reads a wrong file at a reload and drops real servers; before 2.3.0 many checkers make a reload slow",
    find: (ward) => each(directorsIn(ward), tooOld),
    early: (ward) => each(directorsIn(ward), tooOld),
  },
]

/** What is needed of keepalived, where the host has an older one. */
function tooOld(director: EarlyDirector): Omit<Symptom, "host">[] {
  const version = director.input.observed.facts["keepalived"]
  const needed = neededVersion(director)
  if (version === undefined || needed === undefined || !isOlder(version, needed)) return []
  return [
    {
      message: `keepalived is ${version}, and ${needed} is needed`,
      cure: "upgrade keepalived, or write driver: native and ipvs: native into the cluster",
    },
  ]
}

/** The version that what a director does needs; undefined where keepalived does nothing. */
function neededVersion({ state }: EarlyDirector): string | undefined {
  const checked = keepalivedServices(state.services)
  const speaks = state.vrrp.some(({ driver }) => driver === undefined)
  if (checked.length === 0 && !speaks) return undefined
  const checkers = checked.reduce((sum, { servers }) => sum + servers.length, 0)
  return checkers > manyCheckers ? "2.3.0" : "2.2.0"
}

function isOlder(version: string, than: string): boolean {
  const [parts, limit] = [version, than].map((text) => text.split(".").map(Number))
  for (let at = 0; at < 3; at++) {
    const [a, b] = [parts?.[at] ?? 0, limit?.[at] ?? 0]
    if (a !== b) return a < b
  }
  return false
}
