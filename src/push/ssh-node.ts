import { Failure, toFailure } from "../core/failure.ts"
import { abortCommand } from "../wire/commands.ts"
import { quote } from "../wire/shell.ts"
import { installAgent, installRuntime } from "./install.ts"
import { limit } from "./limit.ts"
import type { Node } from "./node.ts"
import { activate, confirm, observe, revert, settle, stage } from "./node-steps.ts"
import { agentCommand } from "./payload.ts"
import type { Open } from "./session.ts"
import { openSession } from "./session.ts"
import type { Transport } from "./transport.ts"

/** Commands of the agent at once over one connection: sshd allows ten sessions (sshd_config(5), MaxSessions). */
const agentSessions = 6

const discardMs = 30_000

/** A node reached by connections that `open` makes; `script` is the text of the node script. */
export function openNode(host: string, open: Open, script: string): Node {
  const session = openSession(open)
  const inTurn = limit(agentSessions)

  /** Runs a step over a connection, and names the host in what goes wrong. */
  async function over<T>(
    transport: Promise<Transport>,
    step: (transport: Transport) => Promise<T>,
  ): Promise<T> {
    try {
      return await step(await transport)
    } catch (thrown) {
      const failure = ofHost(thrown, host)
      if (failure.code === "unreachable") session.drop(await transport.catch(() => undefined))
      throw failure
    }
  }
  const run = <T>(step: (transport: Transport) => Promise<T>) => over(session.current(), step)

  return {
    host,
    observe: (request) => run((transport) => observe(transport, host, script, request)),
    installAgent: (agent) => run((transport) => installAgent(transport, agent)),
    installRuntime: (runtime, facts, tell) =>
      run((transport) => installRuntime(transport, runtime, facts, tell)),
    stage: (transaction, content) => run((transport) => stage(transport, transaction, content)),
    discard: (transaction) =>
      run(async (transport) => {
        await transport.exec(abortCommand(transaction), { timeoutMs: discardMs })
      }),
    activate: (transaction, options) =>
      run((transport) => activate(transport, transaction, options)),
    confirm: (transaction) => over(session.renew(), (transport) => confirm(transport, transaction)),
    settle: () => run(settle),
    revert: (transaction) => run((transport) => revert(transport, transaction)),
    agent: (agent, words, timeoutMs) =>
      inTurn(() =>
        run((transport) => transport.exec(quote([agentCommand(agent), ...words]), { timeoutMs })),
      ),
    close: () => session.close(),
  }
}

function ofHost(thrown: unknown, host: string): Failure {
  const failure = toFailure(thrown, host)
  if (failure.host !== undefined) return failure
  const hint = failure.hint === undefined ? {} : { hint: failure.hint }
  return new Failure(failure.code, failure.message, { host, cause: failure.cause, ...hint })
}
