import { Failure, toFailure } from "../core/failure.ts"
import { abortCommand } from "../wire/commands.ts"
import { quote } from "../wire/shell.ts"
import { installAgent, installRuntime } from "./install.ts"
import { limit } from "./limit.ts"
import type { Node } from "./node.ts"
import { askLock } from "./node-lock.ts"
import { past, release } from "./node-past.ts"
import { activate, confirm, examine, observe, revert, settle, stage } from "./node-steps.ts"
import { agentCommand } from "./payload.ts"
import type { Open } from "./session.ts"
import { openSession } from "./session.ts"
import type { Tracing } from "./trace.ts"
import type { TracedStep } from "./traced.ts"
import { tracedTransport } from "./traced.ts"
import type { Transport } from "./transport.ts"

/** Commands of the agent at once over one connection: sshd allows ten sessions (sshd_config(5), MaxSessions). */
const agentSessions = 6

const discardMs = 30_000

/** The texts of the scripts that are run on a node: src/node/lbctl-node.sh and lbctl-lock.sh. */
export interface NodeScripts {
  /** Of lbctl-node.sh what `observeScript` leaves. */
  readonly observeScript: string
  readonly lockScript: string
  readonly doctorScript: string
}

/** What a command is for, as far as it is known before it is run. */
type About = Omit<TracedStep, "host">

/** A node reached by connections that `open` makes; `tracing` follows its conversation. */
export function openNode(
  host: string,
  open: Open,
  { observeScript, lockScript, doctorScript }: NodeScripts,
  tracing?: Tracing,
): Node {
  const session = openSession(open)
  const inTurn = limit(agentSessions)
  const watched = (transport: Transport, about: About) =>
    tracing === undefined ? transport : tracedTransport(transport, { host, ...about }, tracing)

  /** Runs a step over a connection, and names the host in what goes wrong. */
  async function over<T>(
    transport: Promise<Transport>,
    about: About,
    step: (transport: Transport) => Promise<T>,
  ): Promise<T> {
    try {
      return await step(watched(await transport, about))
    } catch (thrown) {
      const failure = ofHost(thrown, host)
      if (failure.code === "unreachable") session.drop(await transport.catch(() => undefined))
      throw failure
    }
  }
  const run = <T>(about: About, step: (transport: Transport) => Promise<T>) =>
    over(session.current(), about, step)

  return {
    host,
    observe: (request) =>
      run({ step: "observe" }, (transport) => observe(transport, host, observeScript, request)),
    examine: (request) =>
      run({ step: "examine" }, (transport) =>
        examine(transport, host, [observeScript, doctorScript], request),
      ),
    installAgent: (agent) =>
      run({ step: "install" }, (transport) => installAgent(transport, agent)),
    installRuntime: (runtime, facts, tell) =>
      run({ step: "install" }, (transport) => installRuntime(transport, runtime, facts, tell)),
    stage: (transaction, content) =>
      run({ step: "stage", transaction, release: content.bundle.id }, (transport) =>
        stage(transport, transaction, content),
      ),
    discard: (transaction) =>
      run({ step: "discard", transaction }, async (transport) => {
        await transport.exec(abortCommand(transaction), { timeoutMs: discardMs })
      }),
    activate: (transaction, options) =>
      run({ step: "activate", transaction }, (transport) =>
        activate(transport, transaction, options),
      ),
    confirm: (transaction) =>
      over(session.renew(), { step: "confirm", transaction }, (transport) =>
        confirm(transport, transaction),
      ),
    settle: () => run({ step: "settle" }, settle),
    revert: (transaction) =>
      run({ step: "revert", transaction }, (transport) => revert(transport, transaction)),
    lock: (call) => run({ step: "lock" }, (transport) => askLock(transport, lockScript, call)),
    past: (lines) => run({ step: "history" }, (transport) => past(transport, lines)),
    release: (id) => run({ step: "release", release: id }, (transport) => release(transport, id)),
    agent: (agent, words, timeoutMs) =>
      inTurn(() =>
        run({ step: "agent" }, (transport) =>
          transport.exec(quote([agentCommand(agent), ...words]), { timeoutMs }),
        ),
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
