import { toFailure } from "../../core/failure.ts"
import type { AgentStatus } from "../../model/agent-status.ts"
import { askStatus } from "../client.ts"
import { openIpvs } from "../kernel/ipvs.ts"
import { heldMarks, ownedFamilies } from "../director/mark-keeper.ts"
import { markTables } from "../kernel/mark-tables.ts"
import { OverrideBook } from "../director/override-book.ts"
import { ownPaths } from "../paths.ts"
import { parseDirectorState } from "../store/desired.ts"
import { openStore } from "../store/store.ts"
import { type HeldTable, snapshot } from "../director/snapshot.ts"
import { version } from "../version.ts"
import { print } from "./output.ts"

/** Prints what is known of this director on one line; without a daemon that answers, what kernel and disk tell. */
export async function observe(): Promise<number> {
  print(JSON.stringify(await status()))
  return 0
}

async function status(): Promise<AgentStatus> {
  try {
    return (await askStatus(ownPaths().socket)) ?? statusFromDisk([])
  } catch (thrown) {
    const failure = toFailure(thrown)
    if (failure.code !== "unreachable") throw failure
    return statusFromDisk([failure.message])
  }
}

/** The status when no daemon runs. A kernel that cannot be read is a warning, and its table empty. */
function statusFromDisk(known: readonly string[]): AgentStatus {
  const warnings = [...known]
  const store = openStore(ownPaths(), (message) => warnings.push(message))
  const text = store.desired()
  const parsed = text === undefined ? undefined : parseDirectorState(text)
  const readMarks = () => heldMarks(markTables, ownedFamilies(store))
  const overrides = new OverrideBook(store, new Date().toISOString())
  return {
    version,
    running: false,
    ...snapshot(readTable, readMarks, warnings),
    owned: store.owned().services,
    health: [],
    overrides: overrides.inForce,
    pastOverrides: overrides.past,
    draining: [],
    vrrp: [],
    warnings,
    ...(parsed?.ok === true ? { desired: parsed.value } : {}),
  }
}

/** By a connection of its own: no daemon holds one. */
function readTable(): HeldTable {
  const kernel = openIpvs()
  try {
    return { ...kernel.dump(), timeouts: kernel.timeouts() }
  } finally {
    kernel.close()
  }
}
