import { plural } from "../../core/text.ts"
import type { TlsAsking } from "../../model/check.ts"
import type { Outcome } from "./health.ts"

const dayMs = 86_400_000

/** What is to be said of a certificate that is valid for so many more milliseconds (NaN: it has no end that one can read). */
export function certificateOutcome(
  { warn, fail }: NonNullable<TlsAsking["certificateDays"]>,
  leftMs: number,
): Outcome | undefined {
  if (Number.isNaN(leftMs)) return { ok: false, message: "the certificate has no end" }
  const days = leftMs / dayMs
  const ok = fail === undefined || days >= fail
  if (ok && (warn === undefined || days >= warn)) return undefined
  const words =
    days < 0
      ? `expired ${plural(Math.floor(-days), "day")} ago`
      : `expires in ${plural(Math.floor(days), "day")}`
  return { ok, message: `certificate ${words}` }
}
