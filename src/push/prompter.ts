import type { Secret } from "../core/secret.ts"
import { limit } from "./limit.ts"

/** Asks the operator on his terminal. */
export interface Prompter {
  /**
   * An answer that is not shown while it is typed.
   * @throws Failure `interrupted` for Ctrl-C and Ctrl-D.
   */
  secret(question: string): Promise<Secret>
  /** Tells something that wants a hand, such as a touch of a security key. */
  tell(text: string): void
}

/** Asks one question at a time. */
export function inTurn(prompter: Prompter): Prompter {
  const one = limit(1)
  return {
    secret: (question) => one(() => prompter.secret(question)),
    tell: (text) => prompter.tell(text),
  }
}
