import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { family } from "../../core/address.ts"
import { list, object, oneOf, parseShape, such, text, whole } from "../../core/shape.ts"
import type { RouterOrder } from "../decide/router-order.ts"
import { vrrpShape } from "./desired.ts"
import { readText } from "./files.ts"

/** Addresses that the agent added to an interface for an instance. */
export interface MadeAddresses {
  readonly instance: string
  readonly interface: string
  readonly addresses: readonly string[]
}

/** What a VRRP process must know of the one before it. */
export interface VrrpRecord {
  readonly format: 1
  readonly orders: readonly RouterOrder[]
  readonly made: readonly MadeAddresses[]
}

/** The memory of VRRP processes; it lasts until the next boot, as what they made in the kernel does. */
export interface VrrpMemory {
  record(): VrrpRecord
  /** Throws when it cannot be kept. */
  save(record: VrrpRecord): void
  /** When the instance sent its last advert as master, on the clock since boot; undefined: it is none. */
  sentAtMs(instance: string): number | undefined
  /** Small and often: nothing waits for a disk, since the folder is in memory. */
  markSent(instance: string, atMs: number | undefined): void
}

const shape = object<VrrpRecord>({
  format: oneOf(1),
  orders: list(object<RouterOrder>({ vrrp: vrrpShape, tracked: whole(-1000, 1000) })),
  made: list(
    object<MadeAddresses>({
      instance: text(),
      interface: text(),
      addresses: list(such((value) => family(value) !== undefined, "an IP address")),
    }),
  ),
})
const nothing: VrrpRecord = { format: 1, orders: [], made: [] }

/** Opens the memory in a folder of /run. */
export function openVrrpMemory(folder: string): VrrpMemory {
  const path = join(folder, "record.json")
  const sentPath = (instance: string) => join(folder, `${instance}.sent`)
  const write = (to: string, words: string): void => {
    mkdirSync(folder, { recursive: true, mode: 0o755 })
    writeFileSync(`${to}.new`, words)
    renameSync(`${to}.new`, to)
  }
  return {
    record: () => parseRecord(readText(path)) ?? nothing,
    save: (record) => write(path, JSON.stringify(record)),
    sentAtMs: (instance) => {
      const value = Number(readText(sentPath(instance)) ?? Number.NaN)
      return Number.isFinite(value) ? value : undefined
    },
    markSent: (instance, atMs) => {
      if (atMs === undefined) rmSync(sentPath(instance), { force: true })
      else write(sentPath(instance), String(atMs))
    },
  }
}

/** Whether a former process of this boot spoke VRRP. */
export function remembersRouters(folder: string): boolean {
  try {
    return readdirSync(folder).includes("record.json")
  } catch {
    return false
  }
}

function parseRecord(words: string | undefined): VrrpRecord | undefined {
  return words === undefined ? undefined : (parseShape(shape, words) as VrrpRecord | undefined)
}
