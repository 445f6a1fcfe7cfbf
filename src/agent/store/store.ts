import type { Override } from "../../model/override.ts"
import type { Drain } from "../decide/drain.ts"
import type { AgentPaths } from "../paths.ts"
import { parseDrains } from "./drains.ts"
import { readText, writeDurably, writeSoon } from "./files.ts"
import type { KeptHealth } from "./health.ts"
import { parseHealth } from "./health.ts"
import { parseOverrides } from "./overrides.ts"
import type { OwnedRecord } from "./owned.ts"
import { ownsNothing, parseOwned } from "./owned.ts"

/** What the agent keeps on disk. All writes are on disk when they return; they throw when the disk refuses. */
export interface AgentStore {
  /** The text of the desired state; undefined when nothing was ever configured. */
  desired(): string | undefined
  overrides(): readonly Override[]
  saveOverrides(overrides: readonly Override[]): void
  owned(): OwnedRecord
  saveOwned(owned: OwnedRecord): void
  /** What was last known of the real servers; undefined when nothing is kept. */
  health(): KeptHealth | undefined
  /** Not certain to be on disk when it returns: old news are worth no wait. */
  saveHealth(health: KeptHealth): void
  drains(): readonly Drain[]
  saveDrains(drains: readonly Drain[]): void
  /** The number in an instance's tracked file; undefined when there is none. */
  tracked(instance: string): number | undefined
  track(instance: string, value: number): void
  /** The number that an instance's tracked file had, or is about to have, without a demotion; 0 when nothing is kept. */
  trackedBase(instance: string): number
  saveTrackedBase(instance: string, value: number): void
}

/** The store on disk; `complain` hears of files that are damaged and therefore taken for empty. */
export function openStore(paths: AgentPaths, complain: (message: string) => void): AgentStore {
  const load = <T>(path: string, parse: (text: string) => T | undefined, empty: T): T => {
    const text = readText(path)
    if (text === undefined) return empty
    const value = parse(text)
    if (value === undefined) complain(`${path} is damaged and taken for empty`)
    return value ?? empty
  }
  const trackPath = (instance: string): string => `${paths.trackFolder}/${instance}`
  const basePath = (instance: string): string => `${paths.trackBaseFolder}/${instance}`
  return {
    desired: () => readText(paths.desired),
    overrides: () => load(paths.overrides, parseOverrides, []),
    saveOverrides: (overrides) => writeDurably(paths.overrides, toText(overrides)),
    owned: () => load(paths.owned, parseOwned, ownsNothing),
    saveOwned: (owned) => writeDurably(paths.owned, toText(owned)),
    health: () => load(paths.health, parseHealth, undefined),
    saveHealth: (health) => writeSoon(paths.health, `${JSON.stringify(health)}\n`),
    drains: () => load(paths.drains, parseDrains, []),
    saveDrains: (drains) => writeDurably(paths.drains, toText(drains)),
    tracked: (instance) => parseNumber(readText(trackPath(instance))),
    track: (instance, value) => writeDurably(trackPath(instance), `${value}\n`),
    trackedBase: (instance) => parseNumber(readText(basePath(instance))) ?? 0,
    saveTrackedBase: (instance, value) => writeDurably(basePath(instance), `${value}\n`),
  }
}

function toText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 1)}\n`
}

function parseNumber(text: string | undefined): number | undefined {
  const value = Number.parseInt(text ?? "", 10)
  return Number.isNaN(value) ? undefined : value
}
