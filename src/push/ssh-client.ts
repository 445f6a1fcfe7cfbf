import type { Link } from "./command.ts"
import type { Target } from "./target.ts"

/** A connection through which further hosts can be reached. */
export interface HopLink extends Link {
  onClose(listener: () => void): void
}

/** One of the two ways to speak SSH; `L` is what it reaches further hosts through. */
export interface SshClient<L extends HopLink> {
  /**
   * Checks the host and logs in.
   * @throws Failure `unreachable` for what another attempt would not cure: refusals, timeouts, no such name; NotThere for
   * what it may.
   */
  login(target: Target, via: L | undefined): Promise<L>
  /** Ends what all its connections share. */
  close(): void
}

/** Nobody was there for a moment; `failure` has the words for it when that does not change. */
export class NotThere extends Error {
  readonly failure

  constructor(failure: Error) {
    super(failure.message)
    this.failure = failure
  }
}
