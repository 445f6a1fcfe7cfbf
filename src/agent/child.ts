import { fork } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import type { AgentProcess } from "../model/agent-status.ts"
import type { Message, Role } from "./messages.ts"
import { isMessage } from "./messages.ts"

/** The outside of a watched child. */
export interface ChildEdges {
  readonly start: (role: Role) => ChildProcess
  /** Milliseconds on a clock that no one sets. */
  readonly now: () => number
  readonly log: (line: string) => void
  readonly heard: (message: Message, from: Role) => void
  readonly started: (role: Role) => void
}

/** Hellos that may stay without an answer before a child counts as hanging. */
const hellosMissed = 2
/** It may take that long to start, on a machine under load. */
const startingMs = 15_000
const firstPauseMs = 200
const greatestPauseMs = 10_000
/** A child that lived this long has shaken off its former deaths. */
const soundMs = 60_000

/** One child of the watchdog: started again when it dies or hangs, after a pause that grows while it keeps dying. */
export class WatchedChild {
  readonly #role: Role
  readonly #edges: ChildEdges
  #process: ChildProcess | undefined
  #started = false
  #startedMs = 0
  #startedAt = ""
  #restarts = -1
  #lastEnd: string | undefined
  #pauseMs = firstPauseMs
  #round = 0
  #answered = 0
  #stopping = false

  constructor(role: Role, edges: ChildEdges) {
    this.#role = role
    this.#edges = edges
  }

  /** It was started, and is kept running; also in the pause before it is started again. */
  get isStarted(): boolean {
    return this.#started
  }

  /** Starts the child. */
  start(): void {
    this.#started = true
    const child = this.#edges.start(this.#role)
    this.#process = child
    this.#startedMs = this.#edges.now()
    this.#startedAt = new Date().toISOString()
    this.#restarts++
    this.#round = 0
    this.#answered = 0
    child.on("message", (value) => {
      if (!isMessage(value)) return
      if (value.type === "hello") this.#answered = value.round
      else this.#edges.heard(value, this.#role)
    })
    child.once("exit", (code, signal) => this.#died(code, signal))
    child.on("error", (error) => this.#edges.log(`${this.#role}: ${error.message}`))
    this.#edges.started(this.#role)
  }

  /** What there is to tell of it; undefined before its first start. */
  get account(): AgentProcess | undefined {
    if (this.#restarts < 0) return undefined
    return {
      name: this.#role,
      pid: this.#process?.pid ?? 0,
      since: this.#startedAt,
      restarts: this.#restarts,
      ...(this.#lastEnd === undefined ? {} : { lastEnd: this.#lastEnd }),
    }
  }

  /** Says something to the child; lost when it is just dead, since a new one is told everything anew. */
  tell(message: Message): void {
    if (this.#process?.connected === true)
      this.#process.send(message, undefined, undefined, () => undefined)
  }

  /** Asks whether the child is there, and kills one that did not answer the last times: it hangs. */
  hello(): void {
    if (this.#process === undefined) return
    const isNew = this.#answered === 0 && this.#edges.now() - this.#startedMs < startingMs
    if (!isNew && this.#round - this.#answered >= hellosMissed) {
      this.#edges.log(`${this.#role} hangs: no answer to ${hellosMissed} hellos; it is killed`)
      this.#process.kill("SIGKILL")
      return
    }
    this.#round++
    this.tell({ type: "hello", round: this.#round })
  }

  /** Ends the child for good; resolves when it has ended. */
  async stop(): Promise<void> {
    this.#stopping = true
    const child = this.#process
    if (child === undefined) return
    await new Promise<void>((resolve) => {
      child.once("exit", () => resolve())
      child.kill("SIGTERM")
    })
  }

  #died(code: number | null, signal: NodeJS.Signals | null): void {
    this.#process = undefined
    if (this.#stopping) return
    this.#lastEnd = signal ?? `exit ${code}`
    const lived = this.#edges.now() - this.#startedMs
    const pauseMs = lived >= soundMs ? firstPauseMs : this.#pauseMs
    this.#pauseMs = Math.min(pauseMs * 2, greatestPauseMs)
    this.#edges.log(
      `${this.#role} ended (${this.#lastEnd}) after ${Math.round(lived / 1000)}s; started again in ${pauseMs / 1000}s; the kernel's table stays as it is`,
    )
    setTimeout(() => {
      if (!this.#stopping) this.start()
    }, pauseMs)
  }
}

/** This program again, in another role. */
export function forkSelf(role: Role): ChildProcess {
  const script = process.argv[1]
  if (script === undefined) throw new Error("this process does not know its own program")
  return fork(script, [role])
}
