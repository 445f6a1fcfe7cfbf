import { readFile } from "node:fs/promises"
import { join } from "node:path"

import { Failure } from "../core/failure.ts"
import type { KnownHost, KnownHostsIndex } from "./known-hosts.ts"
import { entriesFor, indexKnownHosts, parseKnownHosts } from "./known-hosts.ts"
import { expandHome, isMissing } from "./paths.ts"

/** Hosts whose keys the operator has accepted before. */
export interface HostKeys {
  /**
   * All lines that speak of a host, from `files` (default: the user's own) and the system's.
   * @throws Failure `unreachable` when a file cannot be read; one that is not there says nothing.
   */
  lines(
    host: string,
    port: number,
    files: readonly string[] | undefined,
  ): Promise<readonly KnownHost[]>
  /** The file that a newly accepted key belongs in. */
  writable(files: readonly string[] | undefined): string
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
  return {
    async lines(host, port, files) {
      const paths = [...(files ?? [own]).map((file) => expandHome(file, home)), systemFile]
      const indexes = await Promise.all(paths.map(index))
      return indexes.flatMap((item) => entriesFor(item, host, port))
    },
    writable: (files) => expandHome(files?.[0] ?? own, home),
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
