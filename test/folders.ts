import { existsSync, rmSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"

/**
 * Removes a folder that processes on their way out may still write to, as the sessions of an sshd do to its log: a file
 * made after the folder was listed fails a removal, and Node's own retries do not list it again.
 */
export async function removeFolder(path: string): Promise<void> {
  const deadline = Date.now() + 10_000
  while (existsSync(path)) {
    try {
      rmSync(path, { recursive: true, force: true })
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(50)
    }
  }
}
