import { scryptSync } from "node:crypto"

const known = new Map<string, string>()

/**
 * Names the content of a file that holds a secret, given its SHA-256: the same for the same content, and slow to work out
 * (scrypt, RFC 7914, with 8 MiB and about 20 ms), so that who sees it cannot try out a dictionary of passwords as a bare
 * SHA-256 would let him.
 */
export function fingerprint(sha256: string): string {
  const found = known.get(sha256)
  if (found !== undefined) return found
  const made = scryptSync(sha256, "lbctl secret file", 32, { N: 8192, r: 8, p: 1 }).toString("hex")
  known.set(sha256, made)
  return made
}

/** As much of a fingerprint as tells two contents apart, and too little to be sure of a guess. */
export function shortFingerprint(sha256: string): string {
  return fingerprint(sha256).slice(0, 6)
}
