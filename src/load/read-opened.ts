import { runScript } from "./inventory-script.ts"
import type { RunScript } from "./inventory-script.ts"
import type { Reading } from "./read-document.ts"
import { keyringOf } from "./secrets/keyring.ts"
import type { Keys } from "./secrets/keys.ts"

/** What a reading asks of the world besides files. */
export type Edges = Required<Pick<Reading, "keyring" | "run">>

/**
 * Reads as often as there is something new to open: what is encrypted for age or SOPS is missing from a reading until the keyring
 * has opened it. Scripts run once all the same.
 */
export async function readOpened<T>(keys: Keys, read: (edges: Edges) => T): Promise<T> {
  const edges = { keyring: keyringOf(keys), run: runOnce() }
  let result = read(edges)
  while (await edges.keyring.openNoted()) result = read(edges)
  return result
}

function runOnce(): RunScript {
  const answers = new Map<string, ReturnType<RunScript>>()
  return (path, words) => {
    const call = JSON.stringify([path, ...words])
    const answer = answers.get(call) ?? runScript(path, words)
    answers.set(call, answer)
    return answer
  }
}
