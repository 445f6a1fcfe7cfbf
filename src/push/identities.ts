import { readFile } from "node:fs/promises"
import { join } from "node:path"

import { Failure } from "../core/failure.ts"
import type { Connection } from "../model/fleet.ts"
import { limit } from "./limit.ts"
import { expandHome, isMissing } from "./paths.ts"
import type { Prompter } from "./prompter.ts"

interface LockedFile {
  readonly state: "locked"
  readonly path: string
  readonly text: string
}

/** A private key file as far as it could be used. */
type KeyFile<K> =
  | { readonly state: "ready"; readonly path: string; readonly key: K }
  | LockedFile
  | { readonly state: "missing"; readonly path: string }
  | { readonly state: "unusable"; readonly path: string; readonly reason: string }

/** What a login can be tried with, in order. */
export interface Identities<K> {
  readonly keys: readonly { readonly path: string; readonly key: K }[]
  /** An ssh-agent; asked before the user's default keys, after keys that are named for the host. */
  readonly agent?: {
    readonly socket: string
    /** The only keys of it to offer, in the base64 of their .pub files (IdentitiesOnly). */
    readonly only?: ReadonlySet<string>
  }
  readonly agentFirst: boolean
  /** Key files that need a passphrase, and were not opened. */
  readonly locked: readonly string[]
  /** Why there is nothing to offer; told once the host has answered. */
  readonly lacking?: Failure
  /** Asks for the passphrase of one of these, once in a run; undefined when it is not told. Left out where nobody can be asked. */
  readonly unlock?: (path: string) => Promise<K | undefined>
}

/** Parses a private key file; `locked` when it is protected by a passphrase other than the one given. */
export type ParseKey<K> = (text: string, passphrase?: string) => K | "locked" | Error

/** The user's keys; each file is read once, and its passphrase asked for once. */
export interface IdentityStore<K> {
  /**
   * Lacking when no named key file can be used, or all are locked with neither an agent nor a terminal to ask; or when there
   * is nothing at all to log in with.
   * @throws Failure `interrupted` when the operator does not want to be asked.
   */
  identities(
    target: Pick<Connection, "identityFiles" | "identitiesOnly" | "identityAgent" | "password">,
  ): Promise<Identities<K>>
}

/** Where keys come from. */
export interface IdentitySources<K> {
  readonly home: string
  /** SSH_AUTH_SOCK. */
  readonly agentSocket: string | undefined
  readonly parse: ParseKey<K>
  readonly prompter: Prompter | undefined
}

/** ssh_config(5), IdentityFile, in this order of preference. */
const defaultKeys = ["id_ed25519", "id_ecdsa", "id_rsa"]

/** As with ssh(1), NumberOfPasswordPrompts. */
const passphraseAttempts = 3

/** Keys below `home`/.ssh or named for a host, and those that an agent holds. */
export function openIdentities<K>(sources: IdentitySources<K>): IdentityStore<K> {
  const { home, parse, prompter } = sources
  const files = new Map<string, Promise<KeyFile<K>>>()
  const unlocked = new Map<string, Promise<K | undefined>>()
  const oneAtATime = limit(1)
  const load = (path: string) => once(files, path, () => loadKey(path, parse))
  const unlock = ({ path, text }: LockedFile) =>
    once(unlocked, path, () => oneAtATime(() => askPassphrase(path, text, sources)))

  const unlockAt = async (locked: readonly LockedFile[], path: string) => {
    const file = locked.find((item) => item.path === path)
    return file === undefined ? undefined : unlock(file)
  }

  return {
    async identities(target) {
      const named = target.identityFiles?.map((file) => expandHome(file, home))
      const paths = named ?? defaultKeys.map((name) => join(home, ".ssh", name))
      const found = await Promise.all(paths.map(load))
      const socket = agentOf(target, sources)
      const only =
        socket !== undefined && target.identitiesOnly ? await publicKeys(paths) : undefined
      const ready = found.filter((file) => file.state === "ready")
      const locked = found.filter((file) => file.state === "locked")
      const agent =
        socket === undefined ? {} : { agent: { socket, ...(only === undefined ? {} : { only }) } }
      const canUnlock = prompter !== undefined && locked.length > 0
      // Before the host is asked: it does not wait for long while somebody types.
      if (canUnlock && ready.length === 0 && socket === undefined)
        await Promise.all(locked.map(unlock))
      const lacking =
        ready.length === 0 && socket === undefined && target.password === undefined && !canUnlock
          ? { lacking: nothingToOffer(found, named !== undefined) }
          : {}
      return {
        keys: ready,
        ...lacking,
        ...agent,
        agentFirst: named === undefined || ready.length === 0,
        locked: locked.map((file) => file.path),
        ...(canUnlock ? { unlock: (path: string) => unlockAt(locked, path) } : {}),
      }
    },
  }
}

function once<V>(known: Map<string, Promise<V>>, key: string, make: () => Promise<V>): Promise<V> {
  const started = known.get(key) ?? make()
  known.set(key, started)
  return started
}

/** The agent's socket that counts for a host (ssh_config(5), IdentityAgent). */
function agentOf<K>(
  { identityAgent }: Pick<Connection, "identityAgent">,
  { agentSocket, home }: IdentitySources<K>,
): string | undefined {
  if (identityAgent === undefined || identityAgent === "SSH_AUTH_SOCK") return agentSocket
  return identityAgent.toLowerCase() === "none" ? undefined : expandHome(identityAgent, home)
}

/** What stands in the public files beside private ones, by which an agent's keys are told. */
async function publicKeys(paths: readonly string[]): Promise<ReadonlySet<string>> {
  const texts = await Promise.all(
    paths.map((path) => readFile(`${path}.pub`, "utf8").catch(() => "")),
  )
  return new Set(texts.flatMap((text) => text.trim().split(/\s+/)[1] ?? []))
}

async function askPassphrase<K>(
  path: string,
  text: string,
  { parse, prompter }: IdentitySources<K>,
): Promise<K | undefined> {
  for (let attempt = 1; prompter !== undefined && attempt <= passphraseAttempts; attempt++) {
    const passphrase = await prompter.secret(`Passphrase for the key ${path}: `)
    const key = parse(text, passphrase.reveal())
    if (key instanceof Error) throw unusable(path, key.message)
    if (key !== "locked") return key
    prompter.tell(`that is not the passphrase of ${path}`)
  }
  return undefined
}

function nothingToOffer<K>(found: readonly KeyFile<K>[], named: boolean): Failure {
  const bad = found.find((file) => file.state === "unusable")
  if (named && bad !== undefined) return unusable(bad.path, bad.reason)
  const locked = found.find((file) => file.state === "locked")
  if (locked !== undefined) {
    return new Failure(
      "unreachable",
      `the private key ${locked.path} is protected by a passphrase`,
      { hint: `load it into an agent: eval "$(ssh-agent)" && ssh-add ${locked.path}` },
    )
  }
  const [first] = found
  if (named && first !== undefined) {
    return new Failure("unreachable", `there is no private key file ${first.path}`, {
      hint: "ansible_ssh_private_key_file names it; a relative path counts from the current folder",
    })
  }
  return new Failure(
    "unreachable",
    "there is no key to log in with: no ssh-agent, none in ~/.ssh",
    {
      hint: "set ansible_ssh_private_key_file, start an ssh-agent, or make a key with ssh-keygen",
    },
  )
}

function unusable(path: string, reason: string): Failure {
  return new Failure("unreachable", `cannot use the private key ${path}: ${reason}`, {
    hint: "it must be readable by you and a private key of OpenSSH's, not the .pub beside it",
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
  if (key === "locked") return { state: "locked", path, text }
  if (key instanceof Error) return { state: "unusable", path, reason: key.message }
  return { state: "ready", path, key }
}
