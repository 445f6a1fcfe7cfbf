import { createHash, createHmac } from "node:crypto"

/** A key line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownHost {
  readonly file: string
  readonly line: number
  readonly marker: "none" | "revoked" | "cert-authority"
  /** The host field as written: patterns with commas between them, or one `|1|salt|hash`. */
  readonly hosts: string
  readonly type: string
  /** The key in base64. */
  readonly key: string
}

/** What the files say on the key that a host showed. */
export type HostKeyVerdict =
  | { readonly verdict: "known" }
  | { readonly verdict: "revoked" | "changed"; readonly entry: KnownHost }
  /** Only a certificate authority vouches for the host. */
  | { readonly verdict: "authority"; readonly entry: KnownHost }
  | { readonly verdict: "unknown" }

/** The key lines of one file; comments, blank and malformed lines say nothing, as with OpenSSH. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  return text.split("\n").flatMap((line, index) => {
    const entry = parseLine(line, file, index + 1)
    return entry === undefined ? [] : [entry]
  })
}

/** Key lines ready to be asked for many hosts: by name where names are plain, the rest to be tried one by one. */
export interface KnownHostsIndex {
  readonly byName: ReadonlyMap<string, readonly KnownHost[]>
  readonly patterns: readonly KnownHost[]
}

/** Sorts lines into an index; hashed names, wildcards and negations are patterns. */
export function indexKnownHosts(entries: readonly KnownHost[]): KnownHostsIndex {
  const byName = new Map<string, KnownHost[]>()
  for (const entry of entries.filter((item) => !isPattern(item.hosts))) {
    for (const name of entry.hosts.toLowerCase().split(",")) {
      byName.set(name, [...(byName.get(name) ?? []), entry])
    }
  }
  return { byName, patterns: entries.filter((entry) => isPattern(entry.hosts)) }
}

/** The lines that speak of a host, by its name as they have it. */
export function entriesFor(index: KnownHostsIndex, name: string): KnownHost[] {
  return [
    ...(index.byName.get(name) ?? []),
    ...index.patterns.filter((entry) => matches(entry.hosts, name)),
  ]
}

/**
 * Judges a key by the lines of its host, in OpenSSH's order (sshconnect.c, check_host_key): a revoked key is refused
 * whatever else is there; any line with the key accepts it; lines with other keys only mean that it changed.
 */
export function judgeHostKey(lines: readonly KnownHost[], key: string): HostKeyVerdict {
  const revoked = lines.find((entry) => entry.marker === "revoked" && entry.key === key)
  if (revoked !== undefined) return { verdict: "revoked", entry: revoked }
  const plain = lines.filter((entry) => entry.marker === "none")
  if (plain.some((entry) => entry.key === key)) return { verdict: "known" }
  const [other] = plain
  if (other !== undefined) return { verdict: "changed", entry: other }
  const authority = lines.find((entry) => entry.marker === "cert-authority")
  return authority === undefined
    ? { verdict: "unknown" }
    : { verdict: "authority", entry: authority }
}

/** Key types by which the host is known, so that it is asked for one of these first. */
export function knownTypes(lines: readonly KnownHost[]): string[] {
  return [...new Set(lines.filter((entry) => entry.marker === "none").map((entry) => entry.type))]
}

/** `SHA256:…` as ssh-keygen -l prints it: base64 without padding. */
export function fingerprint(key: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`
}

/** `host`, or `[host]:port` for another port than 22. */
export function knownHostsName(host: string, port: number): string {
  const name = host.toLowerCase()
  return port === 22 ? name : `[${name}]:${port}`
}

function parseLine(text: string, file: string, line: number): KnownHost | undefined {
  const trimmed = text.trim()
  if (trimmed === "" || trimmed.startsWith("#")) return undefined
  const fields = trimmed.split(/[ \t]+/)
  const marker = fields[0]?.startsWith("@") === true ? fields.shift() : undefined
  const [hosts, type, key] = fields
  if (hosts === undefined || type === undefined || key === undefined) return undefined
  switch (marker) {
    case undefined:
      return { file, line, marker: "none", hosts, type, key }
    case "@revoked":
      return { file, line, marker: "revoked", hosts, type, key }
    case "@cert-authority":
      return { file, line, marker: "cert-authority", hosts, type, key }
    default:
      return undefined
  }
}

function isPattern(hosts: string): boolean {
  return /[|*?!]/.test(hosts)
}

function matches(hosts: string, name: string): boolean {
  if (hosts.startsWith("|")) return matchesHash(hosts, name)
  let matched = false
  for (const item of hosts.toLowerCase().split(",")) {
    const negated = item.startsWith("!")
    if (!matchesGlob(negated ? item.slice(1) : item, name)) continue
    if (negated) return false
    matched = true
  }
  return matched
}

/** `|1|salt|hash`: HMAC-SHA1 of the name, keyed by the salt (OpenSSH hostfile.c, host_hash). */
function matchesHash(field: string, name: string): boolean {
  const [, version, salt, hash] = field.split("|")
  if (version !== "1" || salt === undefined || hash === undefined) return false
  return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash
}

function matchesGlob(pattern: string, name: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === name
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*+/g, ".*")
    .replace(/\?/g, ".")
  return new RegExp(`^${source}$`).test(name)
}
