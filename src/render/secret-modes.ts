import type { Problem } from "../core/problem.ts"
import type { Bundle } from "../model/bundle.ts"

/** Bits of a mode that let others than owner and group look, or anybody but the owner write. */
const tooWide = 0o027

/** Files with secrets that their mode opens further than 0640, as warnings. Rule: secret-mode. */
export function wideSecrets(bundles: readonly Bundle[]): Problem[] {
  const hosts = new Map<string, string[]>()
  for (const { host, files } of bundles)
    for (const { path, mode, secret } of files) {
      if (secret !== true || (Number.parseInt(mode, 8) & tooWide) === 0) continue
      const what = `${path} holds a secret, and its mode ${mode} is wider than 0640`
      hosts.set(what, [...(hosts.get(what) ?? []), host])
    }
  return [...hosts].map(([what, names]) => ({
    rule: "secret-mode",
    severity: "warning",
    message: `${what} (on ${names.slice(0, 3).join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""})`,
    hint: 'give the file mode: "0600" in its role.yml, or "0640" with the group of its reader',
  }))
}
