import { assertNever } from "../core/result.ts"
import { formatDuration } from "../core/duration.ts"
import { plural } from "../core/text.ts"
import type { DesiredService } from "../model/desired.ts"
import type { IpvsDestination, IpvsService, IpvsStep, IpvsTable } from "../model/ipvs.ts"
import { destinationName, serviceName } from "../model/ipvs.ts"
import type { Change } from "../model/plan.ts"
import type { ServiceHead } from "./ipvs-runtime.ts"
import { losesClientsAtRest } from "./ipvs-standing.ts"

/** One step on the kernel's table in the field's words; `desired` is its service's definition where it has one, or had. */
export function describeStep(
  step: IpvsStep,
  desired: DesiredService | undefined,
  actual: IpvsTable,
): Change {
  const key = "service" in step ? step.service.key : step.key
  const held = actual.find((service) => serviceName(service.key) === serviceName(key))
  const change = (action: Change["action"], meaning: string, risk: Change["risk"]): Change => ({
    kind: "ipvs",
    action,
    subject: `virtual service ${serviceName(key)}`,
    meaning,
    risk,
  })
  switch (step.op) {
    case "add-service":
      return change("add", headWords(step.service).join(", "), "none")
    case "edit-service":
      return change("edit", headEdit(held ?? step.service, step.service), "low")
    case "remove-service":
      return change("remove", removedService(held, desired), "high")
    case "add-server":
      return change("add", addedServer(step.destination, desired), "low")
    case "edit-server":
      return change("edit", editedServer(step.destination, held, desired), "low")
    case "remove-server":
      return removedServer(step.destination, desired, change)
    default:
      return assertNever(step)
  }
}

function headWords(service: ServiceHead): string[] {
  const { persistence } = service
  return [
    `scheduler ${[service.scheduler, ...service.flags].join(" ")}`,
    ...(persistence === undefined
      ? []
      : [
          `persistence ${formatDuration(persistence.timeoutSeconds * 1000)} by /${persistence.prefixLength}`,
          ...(persistence.engine === undefined ? [] : [`engine ${persistence.engine}`]),
        ]),
    ...(service.onePacket ? ["one packet"] : []),
  ]
}

function headEdit(before: ServiceHead, after: ServiceHead): string {
  const old = headWords(before)
  const now = headWords(after)
  const gone = old.filter((word) => !now.includes(word))
  const come = now.filter((word) => !old.includes(word))
  return `${gone.join(", ") || "plain"} -> ${come.join(", ") || "plain"}`
}

function serverWords(destination: IpvsDestination): string[] {
  const { forwarding, tunnel, upperThreshold, lowerThreshold } = destination
  const limits = [
    ...(upperThreshold > 0 ? [`upper_threshold ${upperThreshold}`] : []),
    ...(lowerThreshold > 0 ? [`lower_threshold ${lowerThreshold}`] : []),
  ]
  const via = tunnel === undefined ? [] : [tunnel.type, ...(tunnel.port ? [`${tunnel.port}`] : [])]
  return [[forwarding, ...via].join(" "), ...limits]
}

function addedServer(destination: IpvsDestination, desired: DesiredService | undefined): string {
  const words = [
    `${title(destination, desired)} weight ${destination.weight}`,
    ...serverWords(destination),
  ].join(", ")
  // keepalived takes it for up until its check says otherwise.
  return desired?.check === undefined || desired.ipvs === "keepalived"
    ? words
    : `${words}; joins when its check passes`
}

function editedServer(
  after: IpvsDestination,
  held: IpvsService | undefined,
  desired: DesiredService | undefined,
): string {
  const name = title(after, desired)
  const before = held?.destinations.find((item) => destinationName(item) === destinationName(after))
  if (before === undefined) return `${name} weight ${after.weight}`
  const weight =
    before.weight === after.weight ? [] : [`weight ${before.weight} -> ${after.weight}`]
  const old = serverWords(before).join(", ")
  const now = serverWords(after).join(", ")
  return `${name} ${[...weight, ...(old === now ? [] : [`${old} -> ${now}`])].join(", ")}`
}

function removedServer(
  destination: IpvsDestination,
  desired: DesiredService | undefined,
  change: (action: Change["action"], meaning: string, risk: Change["risk"]) => Change,
): Change {
  const name = title(destination, desired)
  if (desired === undefined || desired.drainTimeoutMs === 0 || losesClientsAtRest(desired))
    return change("remove", `${name} at once, with its connections`, "high")
  const limit = formatDuration(desired.drainTimeoutMs)
  return change("remove", `${name} once it is idle, after ${limit} at the latest`, "low")
}

function removedService(held: IpvsService | undefined, former: DesiredService | undefined): string {
  if (former?.ipvs === "keepalived") return "at once, with its connections"
  return `no new connections; its ${plural(held?.destinations.length ?? 0, "real server")} may finish theirs within the drain timeout`
}

function title(destination: IpvsDestination, desired: DesiredService | undefined): string {
  const name = destinationName(destination)
  const sorry = desired?.sorryServer
  const real = desired?.servers.some((server) => destinationName(server) === name) ?? false
  const isSorry = !real && sorry !== undefined && destinationName(sorry) === name
  return `${isSorry ? "sorry server" : "real server"} ${name}`
}
