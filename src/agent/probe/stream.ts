import type { Socket } from "node:net"
import type { TlsAsking } from "../../model/check.ts"
import type { Outcome } from "../decide/health.ts"
import type { CheckTarget } from "../decide/targets.ts"
import { connectTarget } from "./connect.ts"
import type { Deadline } from "./deadline.ts"
import { certificateVerdict, secure } from "./tls.ts"

/**
 * Connects, with TLS where it is asked for, and lets `ask` judge what it hears; a certificate that ends soon has its word, too.
 * @param name what the certificate is for when `tls` does not say: a Host header or an address.
 * Rejects with Failure.
 */
export async function overStream(
  target: CheckTarget,
  tls: TlsAsking | undefined,
  name: string,
  deadline: Deadline,
  ask: (socket: Socket) => Promise<Outcome>,
): Promise<Outcome> {
  const socket = await connectTarget(target, deadline)
  try {
    if (tls === undefined) return await ask(socket)
    const secured = await secure(socket, tls, name, deadline)
    const certificate = certificateVerdict(secured, tls)
    if (certificate?.ok === false) return certificate
    const outcome = await ask(secured)
    return certificate === undefined || !outcome.ok
      ? outcome
      : { ...outcome, message: `${outcome.message}, ${certificate.message}` }
  } finally {
    socket.destroy()
  }
}
