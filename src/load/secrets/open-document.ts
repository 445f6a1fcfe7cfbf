import type { Problem } from "../../core/problem.ts"
import { Secret } from "../../core/secret.ts"
import type { SecretValue } from "../../core/secret.ts"
import { ok } from "../../core/result.ts"
import type { Result } from "../../core/result.ts"
import type { Document, DocumentPath } from "../../schema/documents.ts"
import { Tagged } from "../yaml-tags.ts"
import type { Keyring } from "./keyring.ts"
import type { Refusal } from "./refusal.ts"
import { isSetting } from "./settings.ts"
import { openSops, sopsBlock } from "./sops.ts"

/** How a document came and what is to become of it. */
interface Opening {
  readonly path: string
  /** The file was encrypted as a whole. */
  readonly whole: boolean
  /** What values of a file encrypted as a whole are. */
  readonly values: "secret" | "plain"
  readonly keyring: Keyring
}

/** No document: it is closed yet, or nobody could open it, which then is among the problems. */
interface Opened {
  readonly document?: Document
  readonly problems: readonly Problem[]
}

/**
 * A document with all that is encrypted in it opened: SOPS files, values tagged `!vault` and `!env`, and values of a file
 * that was encrypted as a whole. They become Secrets, settings aside. Problem: secret-closed.
 */
export function openDocument(document: Document, opening: Opening): Opened {
  const sops = openSopsFile(document, opening)
  if (sops === undefined) return { problems: [] }
  if (!sops.ok) return { problems: [sops.error] }
  const { whole, values, keyring } = opening
  const hidesAll = whole && values === "secret"
  if (!hidesAll && !holds(sops.value, needsOpening))
    return { document: { ...document, value: sops.value }, problems: [] }
  const problems: Problem[] = []
  const value = mapScalars(sops.value, [], (scalar, path) => {
    const name = variableOf(path)
    const plain = isSetting(name) || (values === "plain" && scalar instanceof Secret)
    const opened =
      scalar instanceof Tagged ? openTagged(scalar, keyring) : ok(asSecret(scalar, hidesAll))
    if (opened.ok)
      return plain && opened.value instanceof Secret ? opened.value.value() : opened.value
    problems.push({ rule: "secret-closed", ...opened.error, at: document.locateKey(path) })
    return null
  })
  return problems.length === 0 ? { document: { ...document, value }, problems } : { problems }
}

function openSopsFile(
  document: Document,
  { path, keyring }: Opening,
): Result<unknown, Problem> | undefined {
  const { value } = document
  const block = sopsBlock(value)
  if (block === undefined || typeof value !== "object" || value === null) return ok(value)
  const opening = keyring.sops(path, block)
  if (opening === undefined) return undefined
  const refuse = (refusal: Refusal, at: DocumentPath): Result<unknown, Problem> => ({
    ok: false,
    error: { rule: "secret-closed", ...refusal, at: document.locateKey(at) },
  })
  if (!opening.ok) return refuse(opening.error, ["sops"])
  if (opening.value.by === "program") return ok(marked(value, opening.value.value))
  const opened = openSops(value, opening.value.dataKey)
  if (opened.ok) return opened
  const hint = "restore the file from Git; change it by `sops FILE` only, never by hand"
  if (opened.error.length === 0)
    return refuse(
      { message: "values of this SOPS file were changed without SOPS (its MAC is wrong)", hint },
      ["sops"],
    )
  const message = `${opened.error.join(".")} was changed or moved without SOPS`
  return refuse({ message, hint }, opened.error)
}

/** What the program sops decrypted; secret is what the file holds encrypted. */
function marked(encrypted: unknown, plain: unknown): unknown {
  if (Array.isArray(plain))
    return plain.map((item, index) =>
      marked(Array.isArray(encrypted) ? encrypted[index] : null, item),
    )
  if (typeof plain === "object" && plain !== null)
    return Object.fromEntries(
      Object.entries(plain).map(([name, item]) => [
        name,
        marked((encrypted as Readonly<Record<string, unknown>> | null)?.[name], item),
      ]),
    )
  const wasSealed = typeof encrypted === "string" && encrypted.startsWith("ENC[")
  return wasSealed && isScalar(plain) ? new Secret(plain) : plain
}

function openTagged({ tag, text }: Tagged, keyring: Keyring): Result<Secret, Refusal> {
  if (tag === "env") return keyring.environment(text.trim())
  const opened = keyring.vault(text.trim())
  return opened.ok ? ok(new Secret(opened.value)) : opened
}

function asSecret(scalar: unknown, hide: boolean): unknown {
  return hide && isScalar(scalar) ? new Secret(scalar) : scalar
}

function isScalar(value: unknown): value is SecretValue {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
}

function needsOpening(value: unknown): boolean {
  return value instanceof Tagged || value instanceof Secret
}

function holds(value: unknown, test: (value: unknown) => boolean): boolean {
  if (test(value)) return true
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).some((item) => holds(item, test))
  )
}

/** The name that a value goes by: the last key above it that is no index of a list. */
function variableOf(path: DocumentPath): string {
  return String(path.findLast((step) => typeof step === "string") ?? "")
}

function mapScalars(
  value: unknown,
  path: DocumentPath,
  map: (scalar: unknown, path: DocumentPath) => unknown,
): unknown {
  if (Array.isArray(value))
    return value.map((item, index) => mapScalars(item, [...path, index], map))
  if (typeof value !== "object" || value === null || needsOpening(value)) return map(value, path)
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, mapScalars(item, [...path, name], map)]),
  )
}
