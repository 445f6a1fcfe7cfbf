import { Secret } from "../core/secret.ts"
import type { Identities } from "./identities.ts"
import type { Patience } from "./patience.ts"
import type { Prompter } from "./prompter.ts"

/** A question of the server's (RFC 4256 section 3.2); what answers an echoed one is no secret. */
export interface ServerQuestion {
  readonly prompt: string
  readonly echo?: boolean
}

/** One way to prove who logs in. */
export type LoginMethod<K> =
  | { readonly type: "key"; readonly key: K }
  | { readonly type: "agent"; readonly agent: NonNullable<Identities<K>["agent"]> }
  /** Proves nothing: the refusal tells what the server would take (RFC 4252 section 5.2). */
  | { readonly type: "none" }
  | { readonly type: "password"; readonly password: Secret }
  | {
      readonly type: "keyboard-interactive"
      readonly answer: (title: string, questions: readonly ServerQuestion[]) => Promise<Secret[]>
    }

/** What methods are made of. */
export interface MethodSources<K> {
  /** As the operator is to be told who asks. */
  readonly host: string
  readonly identities: Identities<K>
  readonly password: Secret | undefined
  readonly prompter: Prompter | undefined
  readonly patience: Patience
}

/** What a server says it would still take; undefined before it was asked. */
export type Welcome = readonly string[] | undefined

/**
 * The methods in turn: keys and agent, keys whose passphrase must be asked for, the password. A password is sent once,
 * by the one method or the other: a second time would count as a second attempt, and may lock the account. Codes
 * of a second factor are asked for on a terminal, once the server took the first.
 */
export function loginMethods<K>(
  sources: MethodSources<K>,
): (welcome: Welcome, partial: boolean) => Promise<LoginMethod<K> | undefined> {
  const { identities, prompter, patience } = sources
  const keys = identities.keys.map(({ key }): LoginMethod<K> => ({ type: "key", key }))
  const agent: LoginMethod<K>[] =
    identities.agent === undefined ? [] : [{ type: "agent", agent: identities.agent }]
  const ready = identities.agentFirst ? [...agent, ...keys] : [...keys, ...agent]
  const locked = [...identities.locked]
  let { password } = sources
  let asked = false

  async function unlocked(): Promise<LoginMethod<K> | undefined> {
    for (let path = locked.shift(); path !== undefined; path = locked.shift()) {
      const key = await patience.during(identities.unlock?.(path) ?? Promise.resolve(undefined))
      if (key !== undefined) return { type: "key", key }
    }
    return undefined
  }

  async function answers(title: string, questions: readonly ServerQuestion[]): Promise<Secret[]> {
    const given: Secret[] = []
    for (const { prompt, echo } of questions) {
      const known = echo === true ? undefined : takePassword()
      given.push(known ?? (await ask(title, prompt)))
    }
    return given
  }

  function takePassword(): Secret | undefined {
    const taken = password
    password = undefined
    return taken
  }

  async function ask(title: string, prompt: string): Promise<Secret> {
    if (prompter === undefined) return new Secret("")
    const words = [sources.host, title.trim(), prompt.trim()].filter((word) => word !== "")
    return patience.during(prompter.secret(`${words.join(": ").replaceAll(/\p{Cc}+/gu, " ")} `))
  }

  return async (welcome, partial) => {
    const takes = (name: string) => welcome === undefined || welcome.includes(name)
    const next = takes("publickey") ? ready.shift() : undefined
    if (next !== undefined) return next
    const key = takes("publickey") ? await unlocked() : undefined
    if (key !== undefined) return key
    const wanted = password !== undefined || (partial && prompter !== undefined)
    if (!wanted) return undefined
    if (welcome === undefined && !asked) {
      asked = true
      return { type: "none" }
    }
    if (password !== undefined && takes("password")) {
      const taken = takePassword()
      return taken === undefined ? undefined : { type: "password", password: taken }
    }
    return takes("keyboard-interactive")
      ? { type: "keyboard-interactive", answer: answers }
      : undefined
  }
}
