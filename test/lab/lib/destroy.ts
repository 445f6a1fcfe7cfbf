import { spawnSync } from "node:child_process"
import { existsSync, readdirSync, rmSync } from "node:fs"
import type { LabIdentity } from "./identity.ts"
import { hasOwner, parseIdentity, stateParent } from "./identity.ts"
import { killHard, processesIn } from "./processes.ts"

const netnsDir = "/run/netns"

/**
 * Ends every process of a lab and removes its namespaces and files. Synchronous, since a process that exits
 * has no other chance; safe to call again.
 */
export function destroy(lab: LabIdentity): void {
  for (const namespace of [lab.client, lab.lan]) {
    killAllIn(namespace)
    deleteNamespace(namespace)
  }
  releaseNetnsDir()
  rmSync(lab.stateDir, { recursive: true, force: true })
}

/** Destroys the labs whose owner is gone, say by SIGKILL. Returns their ids. */
export function reap(): string[] {
  const names = [stateParent, netnsDir].flatMap((folder) =>
    existsSync(folder) ? readdirSync(folder) : [],
  )
  const labs = names.map(parseIdentity).filter((lab) => lab !== undefined)
  const orphans = new Map(labs.filter((lab) => !hasOwner(lab)).map((lab) => [lab.id, lab]))
  for (const lab of orphans.values()) destroy(lab)
  return [...orphans.keys()]
}

function deleteNamespace(namespace: string): void {
  const path = `${netnsDir}/${namespace}`
  if (!existsSync(path)) return
  const outcome = spawnSync("ip", ["netns", "delete", namespace], { encoding: "utf8" })
  // Another process that reaps the same lab may have been quicker.
  if (existsSync(path)) throw new Error(`can't delete namespace ${namespace}: ${outcome.stderr}`)
}

/**
 * For the first namespace iproute2 makes its folder a mount, and leaves it so after the last. Under the lock that
 * `ip netns add` takes too (ip/ipnetns.c of iproute2), as another lab may be starting.
 */
function releaseNetnsDir(): void {
  const script = `[ -n "$(ls -A ${netnsDir})" ] || ! mountpoint -q ${netnsDir} || umount -l ${netnsDir}`
  if (existsSync(netnsDir)) spawnSync("flock", ["-w", "5", netnsDir, "sh", "-c", script])
}

function killAllIn(namespace: string): void {
  const pause = new Int32Array(new SharedArrayBuffer(4))
  const deadline = Date.now() + 10_000
  for (;;) {
    const pids = processesIn(namespace)
    if (pids.length === 0) return
    if (Date.now() > deadline) {
      throw new Error(`processes of ${namespace} survive SIGKILL: ${pids.join(" ")}`)
    }
    for (const pid of pids) killHard(pid)
    Atomics.wait(pause, 0, 0, 20)
  }
}
