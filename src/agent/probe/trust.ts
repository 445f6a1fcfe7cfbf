import { readFile, stat } from "node:fs/promises"
import { createSecureContext } from "node:tls"
import type { SecureContext } from "node:tls"
import { Failure } from "../../core/failure.ts"
import type { TlsAsking } from "../../model/check.ts"

/** Where systems keep their authorities: Debian, Red Hat, Alpine. */
const systemFiles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/cert.pem",
]

interface Known {
  readonly version: string
  readonly context: SecureContext
}

/** Reading some hundred certificates takes tens of milliseconds: done once a file, and again when it has changed. */
const known = new Map<string, Known>()
let trustful: SecureContext | undefined

/** The authorities that a check trusts. Rejects with Failure when their file can't be read. */
export async function trust(verify: TlsAsking["verify"]): Promise<SecureContext> {
  if (verify === undefined) return (trustful ??= createSecureContext({ ca: [] }))
  if (verify.caFile !== undefined) return fromFile(verify.caFile)
  for (const file of systemFiles) if ((await versionOf(file)) !== undefined) return fromFile(file)
  throw new Failure("failed", "this director has no file of certificate authorities")
}

async function fromFile(file: string): Promise<SecureContext> {
  const version = await versionOf(file)
  const before = known.get(file)
  if (before !== undefined && before.version === version) return before.context
  try {
    const context = createSecureContext({ ca: await readFile(file) })
    known.set(file, { version: version ?? "", context })
    return context
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    throw new Failure("failed", `no certificate authorities: ${words}`)
  }
}

async function versionOf(file: string): Promise<string | undefined> {
  try {
    const { mtimeMs, size, ino } = await stat(file)
    return `${mtimeMs} ${size} ${ino}`
  } catch {
    return undefined
  }
}
