import { spawnSync } from "node:child_process"
import { chmodSync, existsSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"

import type { Connection } from "../../src/model/fleet.ts"
import type { Sshd } from "./sshd.ts"
import { hasPrivateSshd, startSshd } from "./sshd.ts"

/** The users' password; `openssl passwd -6`. */
export const password = "sesame 1"
const hash =
  "$6$lbctl$011DQ3rkHhTiNx0mzYSR9rLQvJHCoyYsWhU4BUgrOUPs8AdGKkUTtaV/lJ5v75MXmLw.m.aV6OgCNGjtUve/8/"

/** `sudo` and `doas`, as far as they are installed here. */
export const hasSudo = existsSync("/usr/bin/sudo")
export const hasDoas = existsSync("/usr/bin/doas")

/** Whether sshd can be given users of its own. */
export const canHaveUsers = hasPrivateSshd

/** A real sshd on a machine that looks like this one, but for users of its own with passwords. */
export interface UsersSshd extends Sshd {
  /** What sudo and doas allow from now on; undefined: nothing to anybody. */
  allow(rules: { sudo?: string; doas?: string }): void
  /** By the key that all of them have. */
  as(user: string): Connection
}

/**
 * Users: `ops`; `coded`, who has to answer questions after his key; `typing`, who has no key.
 * @param methods ways to log in without a key: lines of sshd_config
 */
export async function startUsersSshd(methods: readonly string[] = []): Promise<UsersSshd> {
  const sshd = await startSshd([], {
    config: methods,
    commands: [
      "chmod 711 FOLDER && cp -a /etc FOLDER/etc && mount --bind FOLDER/etc /etc",
      ...["ops", "coded", "typing"].flatMap((user, index) => [
        `echo '${user}:x:${64_001 + index}:${64_001 + index}::/:/bin/sh' >>/etc/passwd`,
        `echo '${user}:${hash}:19000::::::' >>/etc/shadow`,
      ]),
      "for part in auth account session; do echo $part required pam_permit.so; done >/etc/pam.d/sshd",
      "sed -i 's/^auth.*/auth required pam_unix.so/' /etc/pam.d/sshd",
      "rm -f /etc/sudoers.d/* /etc/doas.conf",
    ],
  })
  chmodSync(join(sshd.folder, "authorized_keys"), 0o644)
  return {
    ...sshd,
    allow({ sudo, doas }) {
      rule(join(sshd.folder, "etc/sudoers.d/ops"), sudo, 0o440)
      rule(join(sshd.folder, "etc/doas.conf"), doas, 0o600)
    },
    as: (user) => ({ ...sshd.connection, user }),
  }
}

function rule(path: string, text: string | undefined, mode: number): void {
  rmSync(path, { force: true })
  if (text !== undefined) writeFileSync(path, `${text}\n`, { mode })
}

export const hasSsh = spawnSync("ssh", ["-V"]).status === 0
