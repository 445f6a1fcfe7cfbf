import { sha256 } from "../core/digest.ts"
import { shortFingerprint } from "../core/fingerprint.ts"
import type { Bundle, FileResource } from "../model/bundle.ts"
import type { Observed, ObservedFile } from "../model/observed.ts"
import type { Planned } from "./planned.ts"

/** Files that are missing or differ in content, mode or owner. */
export function planFiles(bundle: Bundle, observed: Observed): Planned[] {
  return bundle.files.flatMap((file) => planFile(file, observed.files[file.path] ?? {}, observed))
}

/** Files of the confirmed release that the bundle no longer has. */
export function planFileRemovals(bundle: Bundle, observed: Observed): Planned[] {
  const wanted = new Set(bundle.files.map((file) => file.path))
  return observed.owned.files
    .filter((path) => !wanted.has(path))
    .flatMap((path) => {
      const now = observed.files[path]
      if (now?.sha256 === undefined) return []
      return [
        {
          change: {
            kind: "file",
            action: "remove",
            subject: path,
            meaning: "no longer part of the definition",
            risk: "low",
            ...(now.content === undefined || wasSecret(path, observed)
              ? {}
              : { before: now.content }),
            after: "",
          },
          operation: {
            op: "file-remove",
            path,
            prior: now.sha256,
            ...(wasSecret(path, observed) ? { secret: true } : {}),
          },
        },
      ]
    })
}

function planFile(file: FileResource, now: ObservedFile, observed: Observed): Planned[] {
  const wanted = sha256(file.content)
  const hidden = file.secret === true || wasSecret(file.path, observed)
  const reasons = differences(file, now, {
    wanted,
    hidden,
    owned: observed.owned.files.includes(file.path),
  })
  if (reasons.length === 0) return []
  const before = now.sha256 === wanted ? file.content : (now.content ?? "")
  return [
    {
      change: {
        kind: "file",
        action: now.sha256 === undefined ? "add" : "edit",
        subject: file.path,
        meaning: reasons.join(", "),
        risk: file.notify.length > 0 ? "low" : "none",
        ...(hidden ? {} : { before, after: file.content }),
      },
      operation: {
        op: "file",
        path: file.path,
        sha256: wanted,
        mode: file.mode,
        owner: file.owner,
        prior: now.sha256 ?? "-",
        ...(hidden ? { secret: true } : {}),
      },
    },
  ]
}

function differences(
  file: FileResource,
  now: ObservedFile,
  { wanted, hidden, owned }: { wanted: string; hidden: boolean; owned: boolean },
): string[] {
  if (now.sha256 === undefined)
    return [
      `new, ${file.secret === true ? `${hiddenContent} ${shortFingerprint(wanted)}` : lineCount(file.content)}`,
    ]
  const reasons: string[] = []
  if (now.sha256 !== wanted) {
    reasons.push(
      hidden
        ? `${hiddenContent} ${shortFingerprint(now.sha256)} -> ${shortFingerprint(wanted)}`
        : "content",
    )
    if (!owned) reasons.push("replaces a file lbctl did not write")
  }
  if (now.mode !== file.mode) reasons.push(`mode ${now.mode ?? "?"} -> ${file.mode}`)
  if (now.owner !== file.owner) reasons.push(`owner ${now.owner ?? "?"} -> ${file.owner}`)
  return reasons
}

const hiddenContent = "(content hidden: holds secrets)"

/** Whether the confirmed release has secrets in a file, which the host then holds whatever comes next. */
function wasSecret(path: string, { owned }: Observed): boolean {
  return owned.secrets?.includes(path) === true
}

function lineCount(text: string): string {
  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0)
  return `${lines} ${lines === 1 ? "line" : "lines"}`
}
