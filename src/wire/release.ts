import { canonicalJson, sha256 } from "../core/digest.ts"
import type { Problem } from "../core/problem.ts"
import { err, ok, type Result } from "../core/result.ts"
import type { Bundle } from "../model/bundle.ts"
import type { Release } from "../model/release.ts"

/** What a release says of itself, without its files' contents, which lie beside it under their SHA-256. */
interface Described {
  readonly format: number
  readonly bundle: Omit<Bundle, "files"> & {
    readonly files: readonly (Omit<Bundle["files"][number], "content"> & {
      readonly sha256: string
    })[]
  }
  readonly cluster?: string
  readonly directors?: readonly string[]
}

const format = 1

/** The file `bundle.json` of a release: with `files/` it is the whole bundle, so that a past release can be planned again. */
export function releaseText({ bundle, ...place }: Release): string {
  const files = bundle.files.map(({ content, ...file }) => ({ ...file, sha256: sha256(content) }))
  return `${JSON.stringify({ format, ...place, bundle: { ...bundle, files } })}\n`
}

/**
 * A release as `releaseCommand` prints it. A Problem when the host does not keep it, or keeps it no longer as it
 * was made: the id of a bundle is the digest of its content.
 */
export function parseRelease(id: string, text: string): Result<Release, Problem> {
  const lines = text.split("\n")
  if (lines.includes("gone")) return err(problem("the host does not keep it any more"))
  if (!lines.includes("end")) return err(problem("the host's answer was cut off"))
  const contents = new Map(
    lines.flatMap((line): [string, string][] => {
      const [word, digest = "", encoded = ""] = line.split(" ")
      return word === "content" ? [[digest, decode(encoded)]] : []
    }),
  )
  const described = describedBy(lines.find((line) => line.startsWith("bundle "))?.slice(7) ?? "")
  if (described === undefined)
    return err(problem("it was made by an lbctl that did not describe its releases"))
  const { bundle: kept, cluster, directors = [] } = described
  const files = kept.files.map(({ sha256: digest, ...file }) => ({
    ...file,
    content: contents.get(digest) ?? "",
  }))
  const bundle: Bundle = { ...kept, files }
  const { id: _id, ...content } = bundle
  if (bundle.id !== id || sha256(canonicalJson(content)) !== id)
    return err(problem("what the host keeps of it is damaged"))
  return ok({ bundle, ...(cluster === undefined ? {} : { cluster }), directors })
}

function describedBy(encoded: string): Described | undefined {
  try {
    const value = JSON.parse(decode(encoded)) as Described
    return value.format === format ? value : undefined
  } catch {
    return undefined
  }
}

function decode(encoded: string): string {
  return Buffer.from(encoded, "base64").toString("utf8")
}

function problem(message: string): Problem {
  return { rule: "wire-release", message }
}
