import { execFile } from "node:child_process"
import { stat } from "node:fs/promises"
import { dirname } from "node:path"
import { promisify } from "node:util"
import { Failure } from "../../core/failure.ts"

/** The numbers a command runs as. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

const run = promisify(execFile)
const known = new Map<string, Account>()
const groupOrOthersWrite = 0o022

/** The numbers of a user, asked of the system's name services once. Rejects with Failure. */
export async function accountOf(user: string): Promise<Account> {
  const before = known.get(user)
  if (before !== undefined) return before
  try {
    const { stdout } = await run("getent", ["passwd", user])
    const [, , uid, gid] = stdout.split(":")
    const account = { uid: Number(uid), gid: Number(gid) }
    known.set(user, account)
    return account
  } catch {
    throw new Failure("failed", `this director has no user ${user}`)
  }
}

/** What runs as root must be root's alone, up to the root of the disk: else somebody else becomes root by it. Rejects with Failure. */
export async function assertRootsOwn(command: string): Promise<void> {
  for (let path = command; ; path = dirname(path)) {
    const { uid, mode, isSticky } = await properties(path)
    const open = (mode & groupOrOthersWrite) !== 0 && !isSticky
    if (uid !== 0 || open)
      throw new Failure("failed", `not run as root: others than root may change ${path}`)
    if (path === dirname(path)) return
  }
}

async function properties(path: string): Promise<{ uid: number; mode: number; isSticky: boolean }> {
  try {
    const { uid, mode } = await stat(path)
    return { uid, mode, isSticky: (mode & 0o1000) !== 0 }
  } catch {
    throw new Failure("failed", `there is no ${path}`)
  }
}
