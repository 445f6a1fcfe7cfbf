import { canonicalAddress, family } from "../core/address.ts"
import type { Problem } from "../core/problem.ts"
import { err, ok, type Result } from "../core/result.ts"
import type { AgentStatus } from "../model/agent-status.ts"
import type { IpvsTable } from "../model/ipvs.ts"
import type { Observed, ObservedFile, OpenTransaction } from "../model/observed.ts"
import type { Hold, Lease } from "../model/lock.ts"
import { parseAgentStatus } from "./agent-status.ts"
import { parseHold, parseLease } from "./lock.ts"
import { parseOwned } from "./manifest.ts"
import { parseProcIpvs } from "./proc-ipvs.ts"

/** HZ of the kernels most distributions ship; used where a host does not tell its own. */
const usualHz = 250

interface Draft {
  facts: Record<string, string>
  links: Observed["links"][number][]
  addresses: Observed["addresses"][number][]
  files: Record<string, ObservedFile>
  sysctls: Record<string, string | undefined>
  modules: Record<string, "loaded" | "loadable" | "missing">
  units: Record<string, Observed["units"][string]>
  commands: Record<string, boolean>
  agents: string[]
  owned: string[]
  runtime?: string
  release?: string
  transaction?: OpenTransaction
  lastResult?: string
  lease?: Lease
  hold?: Hold
  agent?: AgentStatus
  tableText?: string
}

/**
 * The records of the node script's `observe` (docs/node-protocol.md) as what one host holds now. A reply that was cut off,
 * holds a line that is no record, or tells of something the login may not read is a Problem.
 */
export function parseObserveReply(host: string, text: string): Result<Observed, Problem> {
  const draft = emptyDraft()
  const lines = text.split("\n")
  const end = lines.indexOf("end")
  for (const line of end < 0 ? lines.slice(0, -1) : lines.slice(0, end)) {
    const problem = record(draft, line)
    if (problem !== undefined) return err({ ...problem, message: `${host}: ${problem.message}` })
  }
  if (end < 0) return err(truncated(host, lines))
  return finish(host, draft)
}

function finish(host: string, draft: Draft): Result<Observed, Problem> {
  const { owned: ownedLines, tableText, ...rest } = draft
  const owned = parseOwned(ownedLines)
  if (!owned.ok) return owned
  const table: Result<IpvsTable | undefined, string> =
    tableText === undefined
      ? ok(undefined)
      : parseProcIpvs(tableText, Number(draft.facts["hz"] ?? usualHz))
  if (!table.ok) return err(malformed(`/proc/net/ip_vs: ${table.error}`))
  return ok({
    host,
    ...rest,
    owned: owned.value,
    ...(table.value === undefined ? {} : { table: table.value }),
  })
}

function emptyDraft(): Draft {
  return {
    facts: {},
    links: [],
    addresses: [],
    files: {},
    sysctls: {},
    modules: {},
    units: {},
    commands: {},
    agents: [],
    owned: [],
  }
}

/** Each record's reader: takes the words after its name; false when they are not what it holds. */
const readers: Readonly<Record<string, (draft: Draft, words: readonly string[]) => boolean>> = {
  fact: (draft, [name = "", ...value]) => {
    draft.facts[name] = value.join(" ")
    return name !== ""
  },
  link: (draft, [name, mac, state, mtu]) => {
    if (name === undefined || mac === undefined || !/^\d+$/.test(mtu ?? "")) return false
    draft.links.push({ name, mac: mac === "-" ? "" : mac, up: state === "up", mtu: Number(mtu) })
    return state === "up" || state === "down"
  },
  address: (draft, [device = "", cidr = ""]) => {
    const [text = "", prefix] = cidr.split("/")
    const version = family(text)
    if (version === undefined || device === "") return false
    draft.addresses.push({
      address: canonicalAddress(text),
      prefix: prefix === undefined ? (version === 4 ? 32 : 128) : Number(prefix),
      device,
    })
    return prefix === undefined || /^\d+$/.test(prefix)
  },
  file: (draft, [digest = "", mode = "", owner = "", path]) => {
    if (path === undefined || !/^(-|[0-9a-f]{64})$/.test(digest)) return false
    draft.files[path] = digest === "-" ? {} : { sha256: digest, mode: mode.padStart(4, "0"), owner }
    return true
  },
  content: (draft, [path = "", encoded = ""]) => {
    const file = draft.files[path]
    if (file === undefined) return false
    const content = decodeText(encoded)
    if (content !== undefined) draft.files[path] = { ...file, content }
    return true
  },
  sysctl: (draft, [key = "", ...value]) => {
    draft.sysctls[key] = value.join(" ")
    return key !== ""
  },
  "no-sysctl": (draft, [key = ""]) => {
    draft.sysctls[key] = undefined
    return key !== ""
  },
  module: (draft, [name = "", state]) => {
    if (state !== "loaded" && state !== "loadable" && state !== "missing") return false
    draft.modules[name] = state
    return true
  },
  unit: (draft, [name = "", ...states]) => {
    const [exists, enabled, running] = states.map((state) => state === "yes")
    if (exists === undefined || enabled === undefined || running === undefined) return false
    draft.units[name] = { exists, enabled, running }
    return true
  },
  command: (draft, [name = "", found]) => {
    draft.commands[name] = found === "yes"
    return found === "yes" || found === "no"
  },
  agent: (draft, [id]) => {
    if (id === undefined) return false
    draft.agents.push(id)
    return true
  },
  runtime: (draft, [path]) => {
    if (path === undefined) return false
    draft.runtime = path
    return true
  },
  release: (draft, [id]) => {
    if (id === undefined) return false
    draft.release = id
    return true
  },
  owned: (draft, words) => {
    draft.owned.push(words.join(" "))
    return true
  },
  transaction: (draft, [id, release, state, since, ...by]) => {
    if (id === undefined || release === undefined || since === undefined) return false
    if (state !== "armed" && state !== "abandoned") return false
    draft.transaction = { id, release, state, since, by: by.join(" ") }
    return true
  },
  last: (draft, words) => {
    draft.lastResult = words.join(" ")
    return true
  },
  lease: (draft, words) => {
    const lease = parseLease(words)
    if (lease !== undefined) draft.lease = lease
    return lease !== undefined
  },
  hold: (draft, words) => {
    const hold = parseHold(words)
    if (hold !== undefined) draft.hold = hold
    return hold !== undefined
  },
  "agent-status": (draft, words) => {
    const status = parseAgentStatus(words.join(" "))
    if (status !== undefined) draft.agent = status
    return status !== undefined
  },
  table: (draft, [encoded = ""]) => {
    draft.tableText = Buffer.from(encoded, "base64").toString("latin1")
    return true
  },
}

function record(draft: Draft, line: string): Problem | undefined {
  const [name = "", ...words] = line.split(" ")
  if (name === "unreadable") return unreadable(words.join(" "))
  const reader = readers[name]
  return reader !== undefined && reader(draft, words) ? undefined : malformed(line)
}

/** UTF-8 text of base64; undefined when the bytes are not text. */
function decodeText(encoded: string): string | undefined {
  const bytes = Buffer.from(encoded, "base64")
  const text = bytes.toString("utf8")
  return Buffer.from(text, "utf8").equals(bytes) ? text : undefined
}

function malformed(line: string): Problem {
  return {
    rule: "wire-reply",
    message: `not understood in the host's answer: ${line.slice(0, 200)}`,
    hint: "a login shell or its profile may print on its own: it must be silent when it is not interactive",
  }
}

function unreadable(path: string): Problem {
  return {
    rule: "wire-unreadable",
    message: `the login may not read ${path}`,
    hint: "log in as root, or set ansible_become: true",
  }
}

function truncated(host: string, lines: readonly string[]): Problem {
  const last = lines.findLast((line) => line !== "") ?? "(nothing)"
  return {
    rule: "wire-truncated",
    message: `${host}: the host's answer was cut off after: ${last.slice(0, 200)}`,
  }
}
