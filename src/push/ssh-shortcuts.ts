import type { KeyObject } from "node:crypto"
import { createPrivateKey, sign } from "node:crypto"

interface Key {
  readonly type: string
  isPrivateKey(): boolean
  getPrivatePEM(): string
}

/** What lbctl reaches into ssh2 1.17 for. */
interface Internals {
  authPK?(
    user: string,
    key: Key,
    algorithm: string | undefined,
    sign?: (data: Buffer, done: (signature: Buffer) => void) => void,
  ): void
  readonly _handlers?: {
    GLOBAL_REQUEST?: (protocol: unknown, name: string, wantReply: boolean, data: unknown) => void
  }
}

/**
 * Spares a login of ssh2's what costs a round trip or CPU for nothing. `client`: an ssh2.Client that has begun to connect.
 * Where its inside has changed, logins go ssh2's own way.
 */
export function shortenLogin(client: object): void {
  const { _protocol: protocol } = client as { readonly _protocol?: Internals }
  signAtOnce(protocol)
  leaveFurtherHostKeys(protocol)
}

/**
 * Offers a key with its signature (RFC 4252 section 7) where ssh2 would first ask whether the key is welcome: a round
 * trip less.
 */
function signAtOnce(protocol: Internals | undefined): void {
  if (typeof protocol?.authPK !== "function") return
  const offer = protocol.authPK.bind(protocol)
  protocol.authPK = (user, key, algorithm, signer) => {
    if (signer !== undefined || !key.isPrivateKey()) return offer(user, key, algorithm, signer)
    offer(user, key, algorithm, (data, done) => done(signature(key, algorithm ?? key.type, data)))
  }
}

/** Keys as OpenSSL holds them: read once, where ssh2 would read the key's text for every signature. */
const opened = new WeakMap<Key, KeyObject>()

function signature(key: Key, algorithm: string, data: Buffer): Buffer {
  const secret = opened.get(key) ?? createPrivateKey(key.getPrivatePEM())
  opened.set(key, secret)
  return sign(hashOf(algorithm), data, secret)
}

/** The hash of a signature algorithm (RFC 8332 section 3, RFC 5656 section 6.2.1); none for those that hash themselves. */
function hashOf(algorithm: string): string | undefined {
  switch (algorithm) {
    case "rsa-sha2-256":
    case "ecdsa-sha2-nistp256":
      return "sha256"
    case "ecdsa-sha2-nistp384":
      return "sha384"
    case "rsa-sha2-512":
    case "ecdsa-sha2-nistp521":
      return "sha512"
    case "ssh-rsa":
      return "sha1"
    default:
      return undefined
  }
}

/**
 * After a login sshd tells all its host keys (OpenSSH's PROTOCOL, section 2.5), and ssh2 has it prove each: signatures on both
 * sides for keys that lbctl learns nothing from. Treated as a request that is not known.
 */
function leaveFurtherHostKeys(protocol: Internals | undefined): void {
  const handlers = protocol?._handlers
  const handle = handlers?.GLOBAL_REQUEST
  if (handlers === undefined || typeof handle !== "function") return
  handlers.GLOBAL_REQUEST = (from, name, wantReply, data) =>
    handle(from, name === "hostkeys-00@openssh.com" ? "" : name, wantReply, data)
}
