import { spawnSync } from "node:child_process"
import { Failure } from "../../core/failure.ts"
import { keepalivedServices } from "../../model/desired.ts"
import { keepalivedPid, pendingSignals } from "../vrrp/keepalived.ts"
import { log } from "../log.ts"
import { ownPaths } from "../paths.ts"
import { parseDirectorState } from "../store/desired.ts"
import { readText } from "../store/files.ts"
import { pollUntilNone } from "./poll.ts"

/** SIGHUP and SIGTERM (signal(7)): what keepalived tells its children at a reload. */
const told = [1, 15]
/** keepalived tests its new file before it tells them. */
const patienceMs = 20_000

/**
 * Has keepalived read its file anew. Where it programmed IPVS and does so no longer, it must not clear up behind itself:
 * at a reload its checker takes every service out of the kernel that the file lost, with all connections, and the agent
 * has adopted them by now. So the checker sleeps while keepalived reads the file, and dies instead of clearing up;
 * keepalived then starts one that has nothing to do (keepalived/check/check_daemon.c).
 */
export async function reloadKeepalived(): Promise<number> {
  const paths = ownPaths()
  const checker = keepalivedPid(paths.checkerPids)
  if (checker === undefined || keepsServices(paths.desired)) return reload()
  process.kill(checker, "SIGSTOP")
  try {
    const code = reload()
    if (code !== 0) return code
    await untilTold(checker)
    // Dies asleep: awake it would do as it was told.
    process.kill(checker, "SIGKILL")
    log("keepalived let go of its services: they are the agent's")
    return 0
  } finally {
    wake(checker)
  }
}

/** One that died meanwhile needs no waking. */
function wake(pid: number): void {
  try {
    process.kill(pid, "SIGCONT")
  } catch {
    return
  }
}

/** Whether keepalived still programs some service of the definition. */
function keepsServices(path: string): boolean {
  const parsed = parseDirectorState(readText(path) ?? "")
  return parsed.ok && keepalivedServices(parsed.value.services).length > 0
}

function reload(): number {
  const { status } = spawnSync("systemctl", ["reload", "keepalived.service"], { stdio: "inherit" })
  return status ?? 1
}

async function untilTold(pid: number): Promise<void> {
  const waiting = await pollUntilNone(() => {
    const pending = pendingSignals(readText(`/proc/${pid}/status`) ?? "")
    return Promise.resolve(told.some((signal) => pending.has(signal)) ? [] : [pid])
  }, patienceMs)
  if (waiting.length > 0)
    throw new Failure("failed", "keepalived did not take its new file: journalctl -u keepalived")
}
