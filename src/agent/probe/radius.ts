import { randomBytes, randomInt } from "node:crypto"
import { readFile } from "node:fs/promises"
import { Failure } from "../../core/failure.ts"
import type { CheckOf } from "../../model/check.ts"
import type { Outcome } from "../decide/health.ts"
import type { CheckTarget } from "../decide/targets.ts"
import { answerOf, encodeRequest, isSigned } from "../protocol/radius.ts"
import { exchangeDatagram } from "./datagrams.ts"
import type { Deadline } from "./deadline.ts"

/** Whether a RADIUS server answers a login as wanted. Rejects with Failure; no message holds a secret. */
export async function askRadius(
  target: CheckTarget,
  check: CheckOf<"radius">,
  deadline: Deadline,
): Promise<Outcome> {
  const [secret, password] = await Promise.all([
    readSecret(check.secretFile),
    readSecret(check.passwordFile),
  ])
  const id = randomInt(256)
  const authenticator = randomBytes(16)
  const request = encodeRequest(id, authenticator, { user: check.user, password, secret })
  let unsigned = false
  const outcome = await exchangeDatagram(target, request, deadline, (packet) => {
    if (isSigned(packet, id, authenticator, secret)) return judge(check, packet)
    // Anybody can send it: it is passed over, but tells of a secret that is not the server's.
    unsigned = true
    return undefined
  })
  const silence = unsigned ? `${deadline.silence} that has our secret` : deadline.silence
  return outcome ?? { ok: false, message: silence }
}

function judge({ answer: wanted }: CheckOf<"radius">, packet: Uint8Array): Outcome {
  const came = answerOf(packet)
  if (came === undefined) return { ok: false, message: `RADIUS code ${packet[0]}` }
  return wanted === "any" || came === wanted
    ? { ok: true, message: `RADIUS ${came}` }
    : { ok: false, message: `RADIUS ${came}, wanted ${wanted}` }
}

/** The first line of a file: read for every check, so that a new secret needs no reload. */
async function readSecret(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).split(/\r?\n/)[0] ?? ""
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error)
    throw new Failure("failed", `can't read ${file}: ${code}`)
  }
}
