import { compareText, plural } from "../../core/text.ts"
import { wrap } from "../../core/wrap.ts"
import type { Finding } from "../../model/doctor.ts"
import { severities } from "../../model/doctor.ts"
import type { Unreachable } from "../fleet.ts"
import { addressChecks } from "./addresses.ts"
import { arpChecks } from "./arp.ts"
import type { Check, Ward } from "./check.ts"
import { clusterChecks } from "./cluster.ts"
import { filterChecks } from "./filter.ts"
import { ipvsSwitchChecks } from "./ipvs-switches.ts"
import { keepalivedChecks } from "./keepalived.ts"
import { keepalivedRunChecks } from "./keepalived-run.ts"
import { keptChecks } from "./kept.ts"
import { kernelChecks } from "./kernel.ts"
import { neighbourChecks } from "./neighbours.ts"
import { offloadChecks } from "./offload.ts"
import { programChecks } from "./programs.ts"
import { routeChecks } from "./routes.ts"
import { segmentChecks } from "./segment.ts"
import { switchChecks } from "./switches.ts"
import { tunnelChecks } from "./tunnels.ts"

/** Every check there is, in the order of docs/doctor.md. */
export const checks: readonly Check[] = [
  ...kernelChecks,
  ...arpChecks,
  ...switchChecks,
  ...ipvsSwitchChecks,
  ...keptChecks,
  ...addressChecks,
  ...routeChecks,
  ...tunnelChecks,
  ...offloadChecks,
  ...neighbourChecks,
  ...filterChecks,
  ...segmentChecks,
  ...keepalivedChecks,
  ...programChecks,
  ...keepalivedRunChecks,
  ...clusterChecks,
]

/** All that the checks find, the worst first, then by host. */
export function diagnose(ward: Ward): Finding[] {
  const found = checks.flatMap(({ id, severity, why, find }) =>
    find(ward).map((symptom) => ({ id, severity, why, ...symptom })),
  )
  return sortFindings(found)
}

/** The host that could not be looked at, as a finding. */
export function unreachableFinding({ host, message, hint }: Unreachable): Finding {
  return {
    id: "A01",
    severity: "error",
    host,
    message: `could not be looked at: ${message}`,
    why: "nothing is known of it",
    cure: hint ?? `ssh ${host} tells more`,
  }
}

/** The worst first, then by host, then by check. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const rank = ({ severity }: Finding): number => severities.indexOf(severity)
  return findings.toSorted(
    (a, b) =>
      rank(a) - rank(b) ||
      compareText(a.host, b.host) ||
      compareText(a.id, b.id) ||
      compareText(a.message, b.message),
  )
}

const columns = 80

/** For people: each finding with its reason and cure, and how many of which kind. */
export function findingsText(findings: readonly Finding[], hosts: number): string {
  const counts = severities.flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length
    return count === 0
      ? []
      : [plural(count, severity, severity === "info" ? "info" : `${severity}s`)]
  })
  const looked = `${plural(checks.length, "check")} on ${plural(hosts, "host")}`
  const summary =
    counts.length === 0 ? `All is well: ${looked}.` : `${counts.join(", ")}: ${looked}.`
  return [...findings.map(findingText), summary].join("\n\n")
}

function findingText({ id, severity, host, message, why, cure }: Finding): string {
  const [first = "", ...more] = wrap(`${severity} ${id}  ${host}: ${message}`, columns - 4)
  const below = [...wrap(`why: ${why}`, columns - 4), ...wrap(`cure: ${cure}`, columns - 4)]
  return [first, ...[...more, ...below].map((line) => `    ${line}`)].join("\n")
}
