import { readFile } from "node:fs/promises"
import { join } from "node:path"

import { Failure } from "../core/failure.ts"
import type { KnownHost, KnownHostsIndex } from "./known-hosts.ts"
import { entriesFor, indexKnownHosts, parseKnownHosts } from "./known-hosts.ts"
import { addLine } from "./known-hosts-file.ts"
import { expandHome, isMissing } from "./paths.ts"

/** Hosts whose keys the operator has accepted before. */
export interface HostKeys {
  /**
   * All lines that speak of a host, by its name as known_hosts has it, from `files` (default: the user's own) and the
   * system's.
   * @throws Failure `unreachable` when a file cannot be read; one that is not there says nothing.
   */
  lines(name: string, files: readonly string[] | undefined): Promise<readonly KnownHost[]>
  /** The file that a newly accepted key belongs in. */
  writable(files: readonly string[] | undefined): string
  /**
   * Remembers a new key (StrictHostKeyChecking=accept-new), for this run and in the file.
   * @throws Failure `failed` when the file cannot be written.
   */
  accept(
    name: string,
    type: string,
    key: Uint8Array,
    files: readonly string[] | undefined,
  ): Promise<void>
}

/** ssh_config(5), GlobalKnownHostsFile. */
const systemFile = "/etc/ssh/ssh_known_hosts"

/** Reads each file once, when it is first asked for. */
export function openHostKeys(home: string): HostKeys {
  const read = new Map<string, Promise<KnownHostsIndex>>()
  const own = join(home, ".ssh/known_hosts")
  const index = (file: string) => {
    const started = read.get(file) ?? readIndex(file)
    read.set(file, started)
    return started
  }
  const writable = (files: readonly string[] | undefined) => expandHome(files?.[0] ?? own, home)
  return {
    async lines(name, files) {
      const paths = [...(files ?? [own]).map((file) => expandHome(file, home)), systemFile]
      const indexes = await Promise.all(paths.map(index))
      return indexes.flatMap((item) => entriesFor(item, name))
    },
    writable,
    async accept(name, type, key, files) {
      const file = writable(files)
      await addLine(file, `${name} ${type} ${Buffer.from(key).toString("base64")}`)
      read.delete(file)
    },
  }
}

async function readIndex(file: string): Promise<KnownHostsIndex> {
  try {
    return indexKnownHosts(parseKnownHosts(await readFile(file, "utf8"), file))
  } catch (cause) {
    if (isMissing(cause)) return indexKnownHosts([])
    throw new Failure("unreachable", `cannot read the known_hosts file ${file}`, {
      hint: "make it readable, or name another by -o UserKnownHostsFile= in ansible_ssh_common_args",
      cause,
    })
  }
}
