import { spawnSync } from "node:child_process"
import { homedir, hostname, userInfo } from "node:os"
import type { SshSurroundings } from "../schema/ssh-config.ts"
import { readSshConfig } from "./ssh-config.ts"

/** How long a command of `Match exec` may take; ssh itself would wait for ever. */
const execTimeoutMs = 10_000

/** What ssh would know of this machine and its user; files are read and commands run when they are first asked for. */
export function sshSurroundings(currentFolder: string): SshSurroundings {
  const { username: user, uid, shell } = userInfo()
  const home = homedir()
  const places = { home, uid, currentFolder }
  return {
    config: remembered((file?: string) => readSshConfig(places, file)),
    succeeds: remembered((command: string) => succeeds(command, shell)),
    environment: (name) => process.env[name],
    user,
    uid,
    home,
    hostName: hostname(),
  }
}

/** As OpenSSH runs it: by the user's shell, without input or output (readconf.c, execute_in_shell). */
function succeeds(command: string, loginShell: string | null): boolean | undefined {
  const shell = process.env["SHELL"] ?? loginShell ?? "/bin/sh"
  const { status, error, signal } = spawnSync(shell, ["-c", command], {
    stdio: "ignore",
    timeout: execTimeoutMs,
  })
  return error !== undefined || signal !== null ? undefined : status === 0
}

function remembered<A, V>(compute: (argument: A) => V): (argument: A) => V {
  const known = new Map<A, { readonly value: V }>()
  return (argument) => {
    const found = known.get(argument) ?? { value: compute(argument) }
    known.set(argument, found)
    return found.value
  }
}
