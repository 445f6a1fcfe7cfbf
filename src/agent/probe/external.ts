import { spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { Failure } from "../../core/failure.ts"
import type { CheckOf } from "../../model/check.ts"
import type { Outcome } from "../decide/health.ts"
import type { CheckTarget } from "../decide/targets.ts"
import { accountOf, assertRootsOwn } from "./account.ts"
import type { Account } from "./account.ts"
import type { Deadline } from "./deadline.ts"
import { errorText } from "./words.ts"

const mostWordsBytes = 120

/** Runs a command and takes its exit code for the answer, 0 being well. Rejects with Failure when it can't be run. */
export async function askExternal(
  target: CheckTarget,
  check: CheckOf<"external">,
  deadline: Deadline,
): Promise<Outcome> {
  const account = await accountOf(check.user)
  const [command, ...words] = check.command
  if (command === undefined) throw new Failure("failed", "there is no command")
  if (account.uid === 0) await assertRootsOwn(command)
  const child = spawn(command, words, {
    ...identity(account),
    cwd: "/",
    // A group of its own: all that it starts ends with it.
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
    env: {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      LBCTL_ADDRESS: target.address,
      LBCTL_PORT: String(target.port),
      LBCTL_VIP: target.vip,
      LBCTL_TIMEOUT_MS: String(check.timeoutMs),
    },
  })
  return exitOf(child, deadline, check.weightByExitCode === true)
}

/** Who may become others becomes the account; who may not must be it already. */
function identity({ uid, gid }: Account): Partial<Account> {
  const own = process.getuid?.()
  if (own === 0) return { uid, gid }
  if (own === uid) return {}
  throw new Failure("failed", "the agent does not run as root and can't become another user")
}

function exitOf(child: ChildProcess, deadline: Deadline, weightByCode: boolean): Promise<Outcome> {
  return new Promise((resolve) => {
    let said = ""
    // All is read, so that nobody blocks, but little kept.
    child.stdout?.on("data", (part: Buffer) => {
      if (said.length < mostWordsBytes) said += part.toString("latin1")
    })
    const end = (outcome: Outcome): void => {
      clearTimeout(timer)
      child.stdout?.destroy()
      resolve(outcome)
    }
    const timer = setTimeout(() => {
      killGroup(child)
      end({ ok: false, message: `${deadline.silence}: killed` })
    }, deadline.leftMs)
    child.once("error", (error) => end({ ok: false, message: errorText(error) }))
    child.once("exit", (code, signal) => {
      // What the command wrote last may still be on its way through the pipe.
      setImmediate(() =>
        end({ ...verdict(code, weightByCode), message: words(code, signal, said) }),
      )
    })
  })
}

/** keepalived.conf(5), misc_dynamic: 0 is well, 1 is not, from 2 on the server is well with a weight of 2 less than the code. */
function verdict(code: number | null, weightByCode: boolean): Omit<Outcome, "message"> {
  if (!weightByCode || code === null || code < 2) return { ok: code === 0 }
  return { ok: true, weight: code - 2 }
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, "SIGKILL")
  } catch {
    // It has just ended by itself.
  }
}

function words(code: number | null, signal: string | null, said: string): string {
  const how = code === null ? `ended by ${signal}` : `exit ${code}`
  const line =
    said
      .split("\n")[0]
      ?.replace(/[^\x20-\x7e]/g, "?")
      .slice(0, mostWordsBytes) ?? ""
  return line === "" ? how : `${how}: ${line}`
}
