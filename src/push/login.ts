import type { Duplex } from "node:stream"

import type { HostKeys } from "./host-keys.ts"
import type { IdentityStore } from "./identities.ts"
import { fingerprint, judgeHostKey, knownTypes } from "./known-hosts.ts"
import type { Limit } from "./limit.ts"
import type { Prompter } from "./prompter.ts"
import type { SshKey, SshLink, SshLogin } from "./ssh.ts"
import { openSsh, SshError, sshKeyType } from "./ssh.ts"
import { hostKeyFailure, loginFailure } from "./ssh-errors.ts"
import type { Target } from "./target.ts"
import { keyName } from "./target.ts"

/** What all logins of a run share. */
export interface LoginContext {
  readonly hostKeys: HostKeys
  readonly identities: IdentityStore<SshKey>
  /** Bounds the key exchanges at once. */
  readonly handshake: Limit
  /** For the TCP connection, and again for key exchange and login; milliseconds. */
  readonly timeoutMs: number
  /** Left out where there is no terminal. */
  readonly prompter: Prompter | undefined
}

/**
 * Checks the host and logs in over a byte stream, which is opened once it is known what to log in with.
 * @throws Failure `unreachable` for a refusal of either side; SshError when the connection ended under the login, which
 * a further attempt may cure.
 */
export async function login(
  connect: () => Promise<Duplex>,
  target: Target,
  context: LoginContext,
): Promise<SshLink> {
  const { knownHostsFiles } = target
  const identities = await context.identities.identities(target)
  const lines = await context.hostKeys.lines(keyName(target), knownHostsFiles)
  let accepted: Buffer | undefined
  const settings: SshLogin = {
    target,
    identities,
    prompter: context.prompter,
    preferredKeyTypes: knownTypes(lines),
    timeoutMs: target.connectTimeoutMs ?? context.timeoutMs,
    verify(key) {
      const judged = judgeHostKey(lines, key.toString("base64"))
      if (judged.verdict === "known") return
      const type = sshKeyType(key)
      if (judged.verdict === "unknown" && target.hostKeyChecking === "accept-new") accepted = key
      else {
        const file = context.hostKeys.writable(knownHostsFiles)
        throw hostKeyFailure(target, { type, fingerprint: fingerprint(key) }, judged, file)
      }
    },
  }
  try {
    const stream = await connect()
    if (identities.lacking !== undefined) {
      stream.destroy()
      throw identities.lacking
    }
    const link = await context.handshake(() => openSsh(stream, settings))
    if (accepted !== undefined)
      await context.hostKeys.accept(
        keyName(target),
        sshKeyType(accepted),
        accepted,
        knownHostsFiles,
      )
    return link
  } catch (thrown) {
    if (!(thrown instanceof SshError) || thrown.trouble.kind === "closed") throw thrown
    throw loginFailure(target, thrown.trouble, identities)
  }
}
