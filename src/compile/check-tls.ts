import type { TlsAsking } from "../model/check.ts"
import type { HttpsCheck } from "../schema/services.gen.ts"
import { given } from "./given.ts"

/** How a check's TLS connection is made. */
export function compileTls(
  source: Pick<HttpsCheck, "sni" | "verify" | "certificate_days">,
): TlsAsking {
  const { sni, verify, certificate_days: certificateDays } = source
  return given({
    sni,
    verify: verify && given({ caFile: verify.ca_file, name: verify.name }),
    certificateDays,
  })
}
