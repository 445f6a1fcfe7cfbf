import { toFailure } from "../../core/failure.ts"
import { family } from "../../core/address.ts"
import { serviceName } from "../../model/ipvs.ts"
import type { HeldMarks, MarkRule } from "../../model/mark-rules.ts"
import type { MarkTables } from "../kernel/mark-tables.ts"
import { type MarkChain, markScript, parseMarkChain } from "../protocol/mark-chain.ts"
import { type Aside, isAside } from "../store/salvage.ts"
import type { AgentStore } from "../store/store.ts"

type Version = 4 | 6
type OwnedStore = Pick<AgentStore, "owned" | "saveOwned">

/**
 * Keeps the marking rules of fwmark services in chains of lbctl's own. Which families have a chain is on disk before it
 * is made: without any, and without a rule to make, nobody's packet filter is even looked at.
 */
export class MarkKeeper {
  readonly #tables: MarkTables
  readonly #store: OwnedStore
  #wanted: readonly MarkRule[] = []
  #aside: Aside = new Set()
  #failing = new Map<Version, string>()

  constructor(tables: MarkTables, store: OwnedStore) {
    this.#tables = tables
    this.#store = store
  }

  /** Why some rules are not as wanted, one line each. */
  get warnings(): readonly string[] {
    return [...this.#failing.values()]
  }

  /** Whether there is something to look after. */
  get busy(): boolean {
    return this.#wanted.length > 0 || this.#failing.size > 0
  }

  /**
   * Makes these rules the kernel's; those of services that are set aside stay as they are. Returns the warnings; never
   * throws, since a packet filter that cannot be written is no reason to leave the rest undone.
   */
  settle(wanted: readonly MarkRule[], aside: Aside): readonly string[] {
    this.#wanted = wanted
    this.#aside = aside
    this.mend()
    return this.warnings
  }

  /** Puts back what is missing or changed; returns how many chains were not as they shall be. */
  mend(): number {
    return this.#concerned().filter((version) => this.#keep(version)).length
  }

  /** What the kernel holds; undefined: no chain was ever made here. Throws Failure. */
  held(): HeldMarks | undefined {
    return heldMarks(this.#tables, this.#concerned())
  }

  #concerned(): Version[] {
    const wanted = this.#wanted.map(({ address }) => family(address))
    const owned = ownedFamilies(this.#store)
    return ([4, 6] as const).filter(
      (version) => wanted.includes(version) || owned.includes(version),
    )
  }

  #keep(version: Version): boolean {
    const failed = this.#failing.delete(version)
    try {
      const chain = parseMarkChain(this.#tables.read(version))
      const script = markScript(chain, this.#rulesOf(version, chain))
      if (script === undefined) return false
      this.#own(version, true)
      this.#tables.write(version, script)
      this.#verify(version)
      return !failed
    } catch (thrown) {
      this.#failing.set(version, `marking rules for IPv${version}: ${toFailure(thrown).message}`)
      return false
    }
  }

  #verify(version: Version): void {
    const chain = parseMarkChain(this.#tables.read(version))
    if (markScript(chain, this.#rulesOf(version, chain)) !== undefined)
      this.#failing.set(version, `marking rules for IPv${version}: the kernel holds something else`)
    else if (!chain.exists) this.#own(version, false)
  }

  #rulesOf(version: Version, chain: MarkChain): MarkRule[] {
    const wanted = this.#wanted.filter(({ address }) => family(address) === version)
    const named = new Set(wanted.map(({ fwmark }) => fwmark))
    const left = chain.rules.filter(
      ({ fwmark }) =>
        !named.has(fwmark) &&
        isAside(this.#aside, serviceName({ kind: "fwmark", fwmark, family: version })),
    )
    return [...wanted, ...left]
  }

  #own(version: Version, owns: boolean): void {
    const before = ownedFamilies(this.#store)
    if (before.includes(version) === owns) return
    const others = before.filter((item) => item !== version)
    const { marks: _, ...record } = this.#store.owned()
    const marks = owns
      ? ([4, 6] as const).filter((one) => one === version || others.includes(one))
      : others
    this.#store.saveOwned({ ...record, ...(marks.length === 0 ? {} : { marks }) })
  }
}

/** The marking rules of these families; undefined for none. Throws Failure. */
export function heldMarks(tables: MarkTables, versions: readonly Version[]): HeldMarks | undefined {
  if (versions.length === 0) return undefined
  const chains = versions.map((version) => parseMarkChain(tables.read(version)))
  return {
    rules: chains.flatMap(({ jumps, rules }) => (jumps > 0 ? rules : [])),
    intact: chains.every(
      ({ exists, jumps, strange }) => strange === 0 && jumps === (exists ? 1 : 0),
    ),
  }
}

/** The families whose chain lbctl made. */
export function ownedFamilies(store: Pick<AgentStore, "owned">): readonly Version[] {
  return store.owned().marks ?? []
}
