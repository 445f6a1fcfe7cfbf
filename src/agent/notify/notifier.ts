import type { Notifications } from "../../model/notifications.ts"
import type { StateChange } from "../../model/state-change.ts"
import { due, emptyOutbox, ended, posted, type Outbox } from "../decide/outbox.ts"
import { channelsOf, type Channel } from "./channels.ts"

/** After a failure the channel rests so long at least. */
const restMs = 10_000

/** The outside of the notifier. */
export interface NotifierEdges {
  readonly host: string
  /** Milliseconds on a clock that no one sets. */
  readonly now: () => number
  readonly log: (line: string) => void
}

interface Line {
  outbox: Outbox
  failure: string | undefined
}

/**
 * Tells people of changes. Nobody waits for it: changes go into an outbox of bounded size for each channel, and what is due is
 * sent in the background, one notification of a channel at a time. A change that there was no chance to tell is lost with
 * the process; the journal has it.
 */
export class Notifier {
  readonly #edges: NotifierEdges
  readonly #lines = new Map<Channel["name"], Line>()

  constructor(edges: NotifierEdges) {
    this.#edges = edges
  }

  /** Channels that did not get through the last time, and why. */
  get warnings(): readonly string[] {
    return [...this.#lines].flatMap(([name, { failure }]) =>
      failure === undefined ? [] : [`notifications by ${name}: ${failure}`],
    )
  }

  /** Takes a change in, for the channels there are. */
  note(change: StateChange, settings: Notifications | undefined): void {
    if (settings?.on.includes(change.kind) !== true) return
    for (const { name } of channelsOf(settings)) {
      const line = this.#line(name)
      line.outbox = posted(line.outbox, [change])
    }
  }

  /** Once a second: sends what is due, all that came together in one. Channels that are gone are forgotten. */
  tick(settings: Notifications | undefined): void {
    const channels = settings === undefined ? [] : channelsOf(settings)
    for (const name of this.#lines.keys())
      if (!channels.some((channel) => channel.name === name)) this.#lines.delete(name)
    for (const channel of channels) void this.#send(channel, settings?.minIntervalMs ?? 0)
  }

  async #send(channel: Channel, minIntervalMs: number): Promise<void> {
    const line = this.#line(channel.name)
    const { outbox, batch } = due(line.outbox, this.#edges.now(), minIntervalMs)
    line.outbox = outbox
    if (batch === undefined) return
    const { pending: changes, omitted } = batch
    try {
      await channel.send({ host: this.#edges.host, changes, omitted })
      line.failure = undefined
      line.outbox = ended(line.outbox, undefined, this.#edges.now(), restMs)
    } catch (thrown) {
      const failure = reasonOf(thrown)
      if (failure !== line.failure)
        this.#edges.log(`notification by ${channel.name} failed: ${failure}; it is tried again`)
      line.failure = failure
      line.outbox = ended(line.outbox, batch, this.#edges.now(), restMs)
    }
  }

  #line(name: Channel["name"]): Line {
    const line = this.#lines.get(name) ?? { outbox: emptyOutbox, failure: undefined }
    this.#lines.set(name, line)
    return line
  }
}

/** fetch() hides why it failed in the cause. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  return thrown.cause instanceof Error ? thrown.cause.message : thrown.message
}
