import { readFile } from "node:fs/promises"
import { join } from "node:path"

import { Failure } from "../core/failure.ts"
import { expandHome, isMissing } from "./paths.ts"

/** A private key file as far as it could be used. */
export type KeyFile<K> =
  | { readonly state: "ready"; readonly path: string; readonly key: K }
  | { readonly state: "locked" | "missing"; readonly path: string }
  | { readonly state: "unusable"; readonly path: string; readonly reason: string }

/** What a login can be tried with, in order. */
export interface Identities<K> {
  readonly keys: readonly { readonly path: string; readonly key: K }[]
  /** Socket of an ssh-agent; asked before the user's default keys, after a key that the inventory names. */
  readonly agent?: string
  readonly agentFirst: boolean
  /** Key files that exist but need a passphrase, which only an agent can know. */
  readonly locked: readonly string[]
}

/** Parses a private key file; `locked` when it is protected by a passphrase. */
export type ParseKey<K> = (text: string) => K | "locked" | Error

/** The user's keys; each file is read and parsed once. */
export interface IdentityStore<K> {
  /**
   * @throws Failure `unreachable` when the named key file is missing or no private key, or is locked and there is no agent to
   * ask; or when there is nothing at all to log in with.
   */
  identities(privateKeyFile: string | undefined): Promise<Identities<K>>
}

/** ssh_config(5), IdentityFile, in this order of preference. */
const defaultKeys = ["id_ed25519", "id_ecdsa", "id_rsa"]

/** Keys below `home`/.ssh, and those that an agent at `agent` holds. */
export function openIdentities<K>(
  home: string,
  agent: string | undefined,
  parse: ParseKey<K>,
): IdentityStore<K> {
  const files = new Map<string, Promise<KeyFile<K>>>()
  const load = (path: string) => {
    const started = files.get(path) ?? loadKey(path, parse)
    files.set(path, started)
    return started
  }
  return {
    async identities(named) {
      if (named !== undefined) {
        return fromNamed(await load(expandHome(named, home)), agent)
      }
      const found = await Promise.all(defaultKeys.map((name) => load(join(home, ".ssh", name))))
      return fromDefaults(found, agent)
    },
  }
}

function fromNamed<K>(file: KeyFile<K>, agent: string | undefined): Identities<K> {
  const withAgent = agent === undefined ? {} : { agent }
  switch (file.state) {
    case "ready":
      return { keys: [file], ...withAgent, agentFirst: false, locked: [] }
    case "locked":
      if (agent !== undefined) return { keys: [], agent, agentFirst: true, locked: [file.path] }
      throw new Failure(
        "unreachable",
        `the private key ${file.path} is protected by a passphrase`,
        {
          hint: `load it into an agent: eval "$(ssh-agent)" && ssh-add ${file.path}`,
        },
      )
    case "missing":
      throw new Failure("unreachable", `there is no private key file ${file.path}`, {
        hint: "ansible_ssh_private_key_file names it; a relative path counts from the current folder",
      })
    case "unusable":
      throw new Failure("unreachable", `cannot use the private key ${file.path}: ${file.reason}`, {
        hint: "it must be readable by you and a private key of OpenSSH's, not the .pub beside it",
      })
  }
}

function fromDefaults<K>(found: readonly KeyFile<K>[], agent: string | undefined): Identities<K> {
  const keys = found.filter((file) => file.state === "ready")
  const locked = found.filter((file) => file.state === "locked").map((file) => file.path)
  if (agent !== undefined) return { keys, agent, agentFirst: true, locked }
  if (keys.length > 0) return { keys, agentFirst: false, locked }
  const [path] = locked
  throw path === undefined
    ? new Failure("unreachable", "there is no key to log in with: no ssh-agent, none in ~/.ssh", {
        hint: "set ansible_ssh_private_key_file, start an ssh-agent, or make a key with ssh-keygen",
      })
    : new Failure("unreachable", `the private key ${path} is protected by a passphrase`, {
        hint: `load it into an agent: eval "$(ssh-agent)" && ssh-add ${path}`,
      })
}

async function loadKey<K>(path: string, parse: ParseKey<K>): Promise<KeyFile<K>> {
  let text: string
  try {
    text = await readFile(path, "utf8")
  } catch (thrown) {
    if (isMissing(thrown)) return { state: "missing", path }
    return { state: "unusable", path, reason: thrown instanceof Error ? thrown.message : "" }
  }
  const key = parse(text)
  if (key === "locked") return { state: "locked", path }
  if (key instanceof Error) return { state: "unusable", path, reason: key.message }
  return { state: "ready", path, key }
}
