import { Failure } from "../core/failure.ts"
import { quote } from "../wire/shell.ts"
import type { Channel, Transport } from "./transport.ts"

/** Runs every command as root by `sudo -n`, which never asks for a password. */
export function becomeRoot(transport: Transport, user: string): Transport {
  const wrap = (command: string) => quote(["sudo", "-n", "--", "sh", "-c", command])
  return {
    async exec(command, options) {
      const result = await transport.exec(wrap(command), options)
      refuse(result, user)
      return result
    },
    async open(command) {
      const channel = await transport.open(wrap(command))
      return { ...channel, ended: checked(channel, user) }
    },
    close: () => transport.close(),
  }
}

async function checkEnd(channel: Channel, user: string): ReturnType<() => Channel["ended"]> {
  const end = await channel.ended
  refuse(end, user)
  return end
}

function checked(channel: Channel, user: string): Channel["ended"] {
  const ended = checkEnd(channel, user)
  ended.catch(() => undefined)
  return ended
}

/** sudo's own words when it does not let the command run (sudo 1.9, plugins/sudoers). */
const refusals: readonly (readonly [RegExp, string])[] = [
  [/^sudo: a password is required/m, "sudo asks for a password"],
  [/^sudo: .*(must have a tty|tty is required)/m, "sudo asks for a terminal (requiretty)"],
  [/is not in the sudoers file|^Sorry, user .* is not allowed/m, "sudo does not allow it"],
  [/sudo: (command )?not found|^sudo: No such file/m, "there is no sudo on the host"],
]

function refuse(end: { readonly code: number; readonly stderr: string }, user: string): void {
  if (end.code === 0) return
  const refusal = refusals.find(([pattern]) => pattern.test(end.stderr))
  if (refusal === undefined) return
  throw new Failure("failed", `${user} cannot become root: ${refusal[1]}`, {
    hint: `give it in /etc/sudoers.d: ${user} ALL=(root) NOPASSWD: ALL; or log in as root (ansible_user: root)`,
  })
}
