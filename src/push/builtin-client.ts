import type { Duplex } from "node:stream"

import { Failure } from "../core/failure.ts"
import { dial } from "./dial.ts"
import { limit } from "./limit.ts"
import type { LoginContext } from "./login.ts"
import { login } from "./login.ts"
import { runProxyCommand } from "./proxy-command.ts"
import type { SshClient } from "./ssh-client.ts"
import { NotThere } from "./ssh-client.ts"
import type { SshLink } from "./ssh.ts"
import { SshError } from "./ssh.ts"
import { loginFailure, networkFailure } from "./ssh-errors.ts"
import type { Target } from "./target.ts"
import { hopNames } from "./target.ts"

/** Key exchanges at once: they cost CPU here. */
const handshakes = 10

/** The SSH client that lbctl brings along. */
export function openBuiltinClient(shared: Omit<LoginContext, "handshake">): SshClient<SshLink> {
  const context: LoginContext = { ...shared, handshake: limit(handshakes) }
  return {
    async login(target, via) {
      try {
        return await login(() => stream(target, via, context.timeoutMs), target, context)
      } catch (thrown) {
        if (thrown instanceof Failure) throw thrown
        throw inWords(target, thrown)
      }
    },
    close: () => undefined,
  }
}

async function stream(
  target: Target,
  via: SshLink | undefined,
  timeoutMs: number,
): Promise<Duplex> {
  const { address, port, proxyCommand, connectTimeoutMs } = target
  if (proxyCommand !== undefined) return runProxyCommand(proxyCommand)
  if (via === undefined) return dial(address, port, connectTimeoutMs ?? timeoutMs)
  try {
    return await via.forward(address, port)
  } catch (cause) {
    throw new Failure(
      "unreachable",
      `the jump host ${hopNames(target).at(-1)} cannot reach ${address}:${port}`,
      {
        hint: "the address must be right as seen from there, and its sshd must allow TCP forwarding",
        cause,
      },
    )
  }
}

const passing = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "EAI_AGAIN"])

/**
 * A further attempt may fare better where nothing was refused, only nobody was there for a moment. Who said nothing all the
 * time was asked several times over already (a SYN goes out again after 1, 3 and 7 s, RFC 6298), and a host that is down
 * must not hold up the others for longer.
 */
function inWords(target: Target, thrown: unknown): Failure | NotThere {
  if (thrown instanceof SshError) {
    const failure = loginFailure(target, thrown.trouble, { keys: [], locked: [] })
    return thrown.trouble.kind === "timeout" ? failure : new NotThere(failure)
  }
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const failure = networkFailure(target, error)
  return "code" in error && passing.has(String(error.code)) ? new NotThere(failure) : failure
}
