import { Failure } from "../core/failure.ts"
import type { Release } from "../model/release.ts"
import { historyCommand, releaseCommand } from "../wire/commands.ts"
import { parseHistory, type NodePast } from "../wire/history.ts"
import { parseRelease } from "../wire/release.ts"
import type { Transport } from "./transport.ts"

/** Patience with what only reads, milliseconds; a release comes with all its files. */
const patience = { history: 60_000, release: 120_000 }

/** One exec: releases and the last `lines` lines of the history. */
export async function past(transport: Transport, lines: number): Promise<NodePast> {
  const result = await transport.exec(historyCommand(lines), { timeoutMs: patience.history })
  const told = parseHistory(result.stdout)
  if (told !== undefined) return told
  throw new Failure("failed", `the host's history cannot be read: ${lastLine(result.stderr)}`, {
    hint: "log in as root, or set ansible_become: true",
  })
}

/**
 * One exec: a release the host keeps, whole.
 * @throws Failure `failed` when it keeps it no longer, or not as it was made.
 */
export async function release(transport: Transport, id: string): Promise<Release> {
  const result = await transport.exec(releaseCommand(id), { timeoutMs: patience.release })
  const kept = parseRelease(id, result.stdout)
  if (kept.ok) return kept.value
  throw new Failure("failed", `release ${id.slice(0, 12)}: ${kept.error.message}`, {
    hint: "lbctl history tells which releases there are",
  })
}

function lastLine(stderr: string): string {
  return stderr.trim().split("\n").at(-1) || "it was cut off"
}
