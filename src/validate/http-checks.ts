import { parseSize } from "../core/size.ts"
import type { VirtualService } from "../model/fleet.ts"
import type { HttpCheck, HttpsCheck, HttpUrl } from "../schema/services.gen.ts"
import type { RuleContext } from "./context.ts"
import type { Breach, Rule } from "./rule.ts"

/** Rules on what HTTP checks ask. */
export const httpCheckRules: readonly Rule[] = [
  {
    id: "check-http",
    set: "check",
    reason: "such a check fails on every real server, whatever it answers, or is not what it seems",
    find: contradictions,
  },
]

type Asking = HttpCheck | HttpsCheck
type Part = HttpUrl | Asking
type Path = readonly (string | number)[]

interface Fault {
  readonly path: Path
  readonly message: string
  readonly hint: string
}

/** Framing and Host are the program's own. */
const ownHeaders = ["host", "connection", "content-length", "transfer-encoding"]
const mostBodyBytes = 16 * 1024 * 1024

function contradictions({ fleet, source, inService }: RuleContext): Breach[] {
  return fleet.services.flatMap((service: VirtualService) => {
    const { check } = source(service)
    if (check === undefined || check === "none") return []
    if (check.type !== "http" && check.type !== "https") return []
    return faultsOf(check).map(({ path, message, hint }) => ({
      message: `the check of ${service.name} ${message}`,
      at: inService(service, "check", ...path),
      hint,
    }))
  })
}

function faultsOf(check: Asking): Fault[] {
  const urls = check.urls ?? []
  const inherited = urls.map((url) => ({ ...check, ...url }))
  return [
    ...(check.path !== undefined && check.urls !== undefined
      ? [fault(["path"], "has a path and urls", "write the path as one of the urls")]
      : []),
    ...(check.urls === undefined ? headFaults(check, []) : []),
    ...inherited.flatMap((url, index) => headFaults(url, ["urls", index])),
    ...[check, ...urls].flatMap((part, index) =>
      partFaults(
        part,
        index === 0 ? [] : ["urls", index - 1],
        inherited[index - 1] ?? inherited.find(({ regex }) => regex !== undefined) ?? check,
      ),
    ),
    ...headerFaults(check),
    ...sizeFaults(check),
    ...daysFaults(check),
  ]
}

/** RFC 9110 section 9.3.2: an answer to HEAD has no body. */
function headFaults(part: Part, path: Path): Fault[] {
  const key = (["body", "regex", "digest"] as const).find((name) => part[name] !== undefined)
  if (part.method !== "HEAD" || key === undefined) return []
  const message = `asks by HEAD, whose answers have no body, and wants a ${key}`
  return [fault(path, message, "write method: GET")]
}

function partFaults(part: Part, path: Path, whole: Part): Fault[] {
  const ranges = [part.status ?? []].flat().map(String)
  const backwards = ranges.find((range) => {
    const [from, to] = range.split("-").map(Number)
    return from !== undefined && to !== undefined && from > to
  })
  const options = (["regex_options", "regex_no_match"] as const).find(
    (name) => part[name] !== undefined && whole.regex === undefined && part.regex === undefined,
  )
  const words = part.regex === undefined ? undefined : regexFault(part.regex)
  return [
    ...(backwards === undefined
      ? []
      : [
          fault(
            [...path, "status"],
            `accepts the status ${backwards}, which is none`,
            "write the smaller number first",
          ),
        ]),
    ...(options === undefined
      ? []
      : [
          fault(
            [...path, options],
            `has ${options} but no regex`,
            `add a regex, or remove ${options}`,
          ),
        ]),
    ...(words === undefined
      ? []
      : [
          fault(
            [...path, "regex"],
            `has a regex that can't be read: ${words}`,
            "it is an expression of JavaScript; quote it in single quotes, so that YAML leaves \\ alone",
          ),
        ]),
  ]
}

function headerFaults({ headers = {} }: Asking): Fault[] {
  const name = Object.keys(headers).find((each) => ownHeaders.includes(each.toLowerCase()))
  if (name === undefined) return []
  const hint =
    name.toLowerCase() === "host"
      ? "write it as the check's host"
      : "remove it: it is set by itself"
  return [fault(["headers", name], `sets the header ${name}`, hint)]
}

function sizeFaults({ max_body: text }: Asking): Fault[] {
  const bytes = parseSize(text ?? "1B") ?? 0
  return bytes > 0 && bytes <= mostBodyBytes
    ? []
    : [fault(["max_body"], `can't read ${text} of a body`, "right is 1B to 16MiB")]
}

function daysFaults(check: Asking): Fault[] {
  if (check.type !== "https") return []
  const { warn, fail } = check.certificate_days ?? {}
  if (warn === undefined || fail === undefined || warn > fail) return []
  const message = `warns when ${warn} days are left, but has failed by then`
  return [fault(["certificate_days", "warn"], message, "write more days for warn than for fail")]
}

function regexFault(text: string): string | undefined {
  try {
    void new RegExp(text)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function fault(path: Path, message: string, hint: string): Fault {
  return { path, message, hint }
}
