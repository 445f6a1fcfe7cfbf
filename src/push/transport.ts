import type { Readable } from "node:stream"

/** What a command is given. */
export interface ExecOptions {
  /** Sent whole, then end of file; a command that reads nothing gets end of file at once. */
  readonly stdin?: string | Uint8Array | Readable
  /** Milliseconds until the command is given up on: Failure `unreachable`. */
  readonly timeoutMs: number
  /** Failure `interrupted` when it fires. */
  readonly signal?: AbortSignal | undefined
}

/** How a command ended. A command killed by a signal has code 128. */
export interface ExecResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A running command that speaks while it works. */
export interface Channel {
  /**
   * Its output line by line, without line ends; ends with the command. To be read once.
   * @throws Failure `unreachable` when the connection died under it.
   */
  lines(): AsyncIterable<string>
  write(text: string): void
  /** How it ended; rejects with Failure `unreachable` when the connection died under it. */
  readonly ended: Promise<Omit<ExecResult, "stdout">>
  /** Lets go of the command: it reads end of file. Harmless when it has ended. */
  close(): void
}

/** One open connection to one host, in which one command runs at a time. */
export interface Transport {
  /**
   * Runs a command line of the host's login shell to its end; any exit code is a result.
   * @throws Failure `unreachable` when the connection died or time ran out.
   */
  exec(command: string, options: ExecOptions): Promise<ExecResult>
  /** Starts a command whose output is read while it runs. */
  open(command: string): Promise<Channel>
  /** Ends the connection and everything in it; harmless when it is over already. */
  close(): void
}
