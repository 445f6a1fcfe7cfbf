import { isIP } from "node:net"
import type { Socket } from "node:net"
import { checkServerIdentity, connect } from "node:tls"
import type { ConnectionOptions, TLSSocket } from "node:tls"
import { Failure } from "../../core/failure.ts"
import type { TlsAsking } from "../../model/check.ts"
import { certificateOutcome } from "../decide/certificate.ts"
import type { Outcome } from "../decide/health.ts"
import type { Deadline } from "./deadline.ts"
import { trust } from "./trust.ts"
import { errorText } from "./words.ts"

/**
 * TLS over a connection. Rejects with Failure when there is no handshake, or the certificate is not what the check demands.
 * @param asked the host that is asked for, with or without a port, or the address.
 */
export async function secure(
  socket: Socket,
  asking: TlsAsking,
  asked: string,
  deadline: Deadline,
): Promise<TLSSocket> {
  const { verify } = asking
  const host = hostOf(asked)
  const serverName = asking.sni ?? (isIP(host) === 0 ? host : undefined)
  const options: ConnectionOptions = {
    socket,
    secureContext: await trust(verify),
    rejectUnauthorized: verify !== undefined,
    checkServerIdentity: (_name, certificate) => {
      const name = verify?.name ?? serverName ?? host
      const refusal = checkServerIdentity(name, certificate)
      return refusal && new Error(`not for ${name}`)
    },
    ...(serverName === undefined ? {} : { servername: serverName }),
  }
  return handshake(options, deadline)
}

/** What the certificate's remaining days mean; undefined when the check does not ask, or there are enough. */
export function certificateVerdict(
  secured: TLSSocket,
  { certificateDays }: TlsAsking,
): Outcome | undefined {
  if (certificateDays === undefined) return undefined
  const certificate = secured.getPeerX509Certificate()
  const endsMs = Date.parse(certificate?.validTo ?? "")
  return certificateOutcome(certificateDays, endsMs - Date.now())
}

function handshake(options: ConnectionOptions, deadline: Deadline): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secured = connect(options)
    const fail = (message: string): void => {
      clearTimeout(timer)
      secured.destroy()
      reject(new Failure("failed", message))
    }
    const timer = setTimeout(() => fail(`no TLS handshake: ${deadline.silence}`), deadline.leftMs)
    secured.on("error", (error) => fail(handshakeWords(error)))
    secured.once("secureConnect", () => {
      clearTimeout(timer)
      resolve(secured)
    })
  })
}

/** The system's errors have a code of theirs, OpenSSL's a reason; what has neither is a word on the certificate. */
function handshakeWords(error: Error): string {
  const other = "reason" in error || "syscall" in error || /^E[A-Z]+$/.test(codeOf(error))
  return other ? errorText(error) : `certificate: ${error.message}`
}

function codeOf(error: Error): string {
  return "code" in error ? String(error.code) : ""
}

/** A Host header without its port, an IPv6 address without its brackets. */
function hostOf(asked: string): string {
  if (isIP(asked) !== 0) return asked
  return asked.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1")
}
