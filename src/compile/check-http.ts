import { parseSize } from "../core/size.ts"
import type { HttpAsking, HttpQuestion, Pattern, StatusRange } from "../model/check.ts"
import type { HttpCheck, HttpsCheck, HttpUrl } from "../schema/services.gen.ts"
import { checkDefaults } from "./defaults.ts"
import { given } from "./given.ts"

/** What an HTTP check asks: its one request, or the first of its urls with the others behind it. */
export function compileHttp(source: HttpCheck | HttpsCheck): HttpAsking {
  const { urls = [], headers, payload, max_body: maxBody } = source
  const [first = source, ...others] = urls.map((url) => ({ ...source, ...url }))
  return {
    ...compileQuestion(first),
    ...(others.length === 0 ? {} : { urls: others.map(compileQuestion) }),
    ...given({ headers, payload, maxBodyBytes: parseSize(maxBody ?? "") }),
  }
}

function compileQuestion(source: Omit<HttpUrl, "path"> & { readonly path?: string }): HttpQuestion {
  const { method, path, host, status, body, digest } = source
  return {
    path: path ?? checkDefaults.path,
    status: [status ?? checkDefaults.status].flat().map(compileStatus),
    ...given({
      method: method === checkDefaults.method ? undefined : method,
      host,
      body,
      regex: compilePattern(source),
      digest: digest?.toLowerCase(),
    }),
  }
}

/** `200`, `2xx` or `200-299`. */
function compileStatus(source: number | string): number | StatusRange {
  if (typeof source === "number") return source
  const from = Number(source.slice(0, 3).replace("xx", "00"))
  const to = source.endsWith("xx") ? from + 99 : Number(source.slice(-3))
  return from === to ? from : { from, to }
}

const flags = { caseless: "i", multiline: "m", dotall: "s" } as const

function compilePattern(
  source: Pick<HttpUrl, "regex" | "regex_options" | "regex_no_match">,
): Pattern | undefined {
  if (source.regex === undefined) return undefined
  return {
    source: source.regex,
    flags: (source.regex_options ?? [])
      .map((option) => flags[option])
      .sort()
      .join(""),
    absent: source.regex_no_match ?? false,
  }
}
