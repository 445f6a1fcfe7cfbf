import type { Override } from "../../src/model/override.ts"
import type { DirectorState } from "../../src/model/desired.ts"
import type { Drain } from "../../src/agent/decide/drain.ts"
import type { KeptHealth } from "../../src/agent/store/health.ts"
import type { OwnedRecord } from "../../src/agent/store/owned.ts"
import { ownsNothing } from "../../src/agent/store/owned.ts"
import type { AgentStore } from "../../src/agent/store/store.ts"

/** A store in memory, whose disk can be full. */
export class FakeStore implements AgentStore {
  text: string | undefined
  full = false
  kept: readonly Override[] = []
  record: OwnedRecord = ownsNothing
  knownHealth: KeptHealth | undefined
  underway: readonly Drain[] = []
  readonly files = new Map<string, number>()
  readonly bases = new Map<string, number>()

  define(state: DirectorState): void {
    this.text = JSON.stringify(state)
  }
  desired(): string | undefined {
    return this.text
  }
  overrides(): readonly Override[] {
    return this.kept
  }
  saveOverrides(overrides: readonly Override[]): void {
    this.#write()
    this.kept = overrides
  }
  owned(): OwnedRecord {
    return this.record
  }
  saveOwned(owned: OwnedRecord): void {
    this.#write()
    this.record = owned
  }
  health(): KeptHealth | undefined {
    return this.knownHealth
  }
  saveHealth(health: KeptHealth): void {
    this.#write()
    this.knownHealth = health
  }
  drains(): readonly Drain[] {
    return this.underway
  }
  saveDrains(drains: readonly Drain[]): void {
    this.#write()
    this.underway = drains
  }
  tracked(instance: string): number | undefined {
    return this.files.get(instance)
  }
  track(instance: string, value: number): void {
    this.#write()
    this.files.set(instance, value)
  }
  trackedBase(instance: string): number {
    return this.bases.get(instance) ?? 0
  }
  saveTrackedBase(instance: string, value: number): void {
    this.#write()
    this.bases.set(instance, value)
  }

  #write(): void {
    if (this.full) throw new Error("ENOSPC: no space left on device, write")
  }
}
