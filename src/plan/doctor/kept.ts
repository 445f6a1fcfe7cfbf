import type { Check, Patient } from "./check.ts"
import { each, hostsIn } from "./check.ts"

/** What the next boot makes of the switches. */
export const keptChecks: readonly Check[] = [
  {
    id: "S18",
    severity: "warning",
    looksAt: "sysctl.d: who sets last what lbctl wants",
    why: "the last file by name wins at a boot, and until then nobody notices",
    find: (ward) => each(hostsIn(ward), (patient) => overruled(patient)),
  },
  {
    id: "S19",
    severity: "warning",
    looksAt: "sysctl.d: keys of interfaces with a dot in their name",
    why: "a dot of a VLAN's name is taken for a slash, and the line sets nothing",
    find: (ward) =>
      each(hostsIn(ward), ({ examined }) =>
        examined.kept
          .filter(({ key }) => /^net\.ipv[46]\.(conf|neigh)\.[^.]+\..+\./.test(key))
          .map(({ file, key }) => ({
            message: `${file} means no interface by ${key}`,
            cure: `write ${slashed(key)}`,
          })),
      ),
  },
]

/** What another file of sysctl.d sets after lbctl's own. */
function overruled({ input: { bundle }, examined }: Patient): { message: string; cure: string }[] {
  return bundle.sysctls.flatMap(({ key, value }) => {
    const last = examined.kept.findLast((line) => slashed(line.key) === slashed(key))
    return last === undefined || last.value === value
      ? []
      : [
          {
            message: `${last.file} sets ${key} to ${last.value} at a boot, and lbctl wants ${value}`,
            cure: `remove the line from ${last.file}`,
          },
        ]
  })
}

/** The path below /proc/sys: a key whose first separator is a slash is one (sysctl.d(5)). */
export function slashed(key: string): string {
  const [first = ""] = key.match(/[./]/) ?? []
  return first === "/"
    ? key
    : key.replaceAll(/[./]/g, (separator) => (separator === "." ? "/" : "."))
}
