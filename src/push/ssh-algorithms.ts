/** Cheapest first; group exchange is left out since it costs a second of CPU and more (measured), SHA-1 since it is broken. */
export const keyExchanges = [
  "curve25519-sha256",
  "curve25519-sha256@libssh.org",
  "ecdh-sha2-nistp256",
  "ecdh-sha2-nistp384",
  "ecdh-sha2-nistp521",
  "diffie-hellman-group14-sha256",
  "diffie-hellman-group16-sha512",
] as const

/** AES in hardware first. */
export const ciphers = [
  "aes128-gcm@openssh.com",
  "aes256-gcm@openssh.com",
  "chacha20-poly1305@openssh.com",
  "aes128-ctr",
  "aes256-ctr",
] as const

const hostKeyTypes = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
] as const

type HostKeyType = (typeof hostKeyTypes)[number]

/** Types of host keys to ask for, SHA-1 left out. Their order decides which key a server shows, so the known ones come first. */
export function hostKeyOrder(known: readonly string[]): HostKeyType[] {
  const isKnown = (type: string) => known.includes(type.startsWith("rsa-sha2-") ? "ssh-rsa" : type)
  return [...hostKeyTypes.filter(isKnown), ...hostKeyTypes.filter((type) => !isKnown(type))]
}
