import type { Duplex } from "node:stream"

import type { HostKeys } from "./host-keys.ts"
import type { IdentityStore } from "./identities.ts"
import { judgeHostKey, knownTypes } from "./known-hosts.ts"
import type { Limit } from "./limit.ts"
import type { SshKey, SshLogin, SshTransport } from "./ssh.ts"
import { openSsh, SshError, sshKeyType } from "./ssh.ts"
import type { Target } from "./ssh-errors.ts"
import { hostKeyFailure, loginFailure } from "./ssh-errors.ts"

/** A host, or a jump host on the way to one, and what the inventory says on logging in there. */
export interface Endpoint {
  readonly target: Target
  readonly privateKeyFile: string | undefined
  readonly knownHostsFiles: readonly string[] | undefined
}

/** What all logins of a run share. */
export interface LoginContext {
  readonly hostKeys: HostKeys
  readonly identities: IdentityStore<SshKey>
  /** Bounds the key exchanges at once: they cost CPU here, and sshd's MaxStartups drops what is too many. */
  readonly handshake: Limit
  readonly timeoutMs: number
}

/**
 * Checks the host and logs in over an open byte stream.
 * @throws Failure `unreachable` for a refusal of either side; SshError when the connection ended under the login, which
 * a further attempt may cure.
 */
export async function login(
  stream: Duplex,
  endpoint: Endpoint,
  context: LoginContext,
): Promise<SshTransport> {
  const { target, knownHostsFiles } = endpoint
  const identities = await context.identities.identities(endpoint.privateKeyFile)
  const lines = await context.hostKeys.lines(target.address, target.port, knownHostsFiles)
  const settings: SshLogin = {
    user: target.user,
    identities,
    preferredKeyTypes: knownTypes(lines),
    timeoutMs: context.timeoutMs,
    verify(key) {
      const judged = judgeHostKey(lines, key.toString("base64"))
      if (judged.verdict === "known") return
      const file = context.hostKeys.writable(knownHostsFiles)
      throw hostKeyFailure(target, key, sshKeyType(key), judged, file)
    },
  }
  try {
    return await context.handshake(() => openSsh(stream, settings))
  } catch (thrown) {
    if (!(thrown instanceof SshError) || thrown.trouble.kind === "closed") throw thrown
    throw loginFailure(target, thrown.trouble, identities)
  }
}
