import { isPlainWord } from "./shell.ts"

/** What the node script says while it stages, activates, confirms or reverts: one record a line. */
export type NodeReply =
  | { readonly type: "staged" }
  | {
      readonly type: "refused"
      /** `unpack`: tar failed (its words are on standard error); `damaged`: a hash is wrong; `tool`, `disk`, `folder`, `init`: the host lacks it; `check`: a validate command said no. */
      readonly reason: RefusalReason
      /** Path, tool or unit it is about; undefined when it is about the stage as a whole. */
      readonly subject?: string
      readonly output: string
    }
  | { readonly type: "locked"; readonly since: string; readonly from: string; readonly by: string }
  | { readonly type: "settled"; readonly how: string }
  | { readonly type: "stale"; readonly subject: string }
  | { readonly type: "armed"; readonly seconds: number }
  | { readonly type: "done"; readonly operation: number }
  | { readonly type: "failed"; readonly operation: number; readonly output: string }
  | { readonly type: "activated" }
  | { readonly type: "confirmed" }
  | { readonly type: "reverted" }
  | { readonly type: "revert-failed"; readonly output: string }
  /** The transaction is over or not there: `confirmed`, `reverted`, `unfinished`, `nothing`. */
  | { readonly type: "gone"; readonly how: string }
  | { readonly type: "aborted" }

const refusalReasons = ["unpack", "damaged", "tool", "disk", "folder", "init", "check"] as const
export type RefusalReason = (typeof refusalReasons)[number]

/** One line of the script's output; undefined when it is none of its records. `failed 0` is a failure before the first operation. */
export function parseNodeReply(line: string): NodeReply | undefined {
  const [type = "", ...words] = line.split(" ")
  const [first = "", second = "", third = ""] = words
  switch (type) {
    case "staged":
    case "activated":
    case "confirmed":
    case "reverted":
    case "aborted":
      return words.length === 0 ? { type } : undefined
    case "refused":
      return refusal(first, second, third)
    case "locked":
      return words.length >= 3
        ? { type, since: first, from: second, by: words.slice(2).join(" ") }
        : undefined
    case "settled":
      return first === "" ? undefined : { type, how: words.join(" ") }
    case "gone":
      return first === "" ? undefined : { type, how: words.join(" ") }
    case "stale":
      return first === "" ? undefined : { type, subject: words.join(" ") }
    case "armed":
      return /^\d+$/.test(first) ? { type, seconds: Number(first) } : undefined
    case "done":
      return /^\d+$/.test(first) ? { type, operation: Number(first) } : undefined
    case "failed":
      return /^\d+$/.test(first)
        ? { type, operation: Number(first), output: decode(second) }
        : undefined
    case "revert-failed":
      return { type, output: decode(first) }
    default:
      return undefined
  }
}

function refusal(reason: string, subject: string, output: string): NodeReply | undefined {
  const known = refusalReasons.find((word) => word === reason)
  if (known === undefined || !isPlainWord(subject)) return undefined
  return {
    type: "refused",
    reason: known,
    ...(subject === "-" ? {} : { subject }),
    output: decode(output),
  }
}

/** Texts of others travel in base64 (RFC 4648, section 4); `-` is the empty one. */
function decode(text: string): string {
  return text === "-" ? "" : Buffer.from(text, "base64").toString("utf8")
}
