import { diffByKey } from "../core/keyed-diff.ts"
import type {
  IpvsDestination,
  IpvsService,
  IpvsStep,
  IpvsTable,
  ServiceKey,
} from "../model/ipvs.ts"
import { destinationName, isCheckService, serviceName } from "../model/ipvs.ts"
import type { ServiceHead } from "./ipvs-runtime.ts"

/**
 * The steps that turn `actual` into `wanted`, so ordered that no service is empty on the way: services before their
 * servers, servers added before weights rise before weights fall before servers go, servers before their service.
 * What is neither wanted, nor in `owned` (serviceName), nor a private check service is not touched.
 */
export function tableSteps(
  wanted: IpvsTable,
  actual: IpvsTable,
  owned: ReadonlySet<string>,
): IpvsStep[] {
  const services = diffByKey(wanted, actual, (service) => serviceName(service.key), sameHead)
  const gone = services.remove.filter(
    (service) => owned.has(serviceName(service.key)) || isCheckService(service.key),
  )
  const held = new Map(actual.map((service) => [serviceName(service.key), service]))
  const servers = wanted.map((service) =>
    serverSteps(service, held.get(serviceName(service.key))?.destinations ?? []),
  )
  return [
    ...services.add.map((service) => ({ op: "add-service" as const, service: head(service) })),
    ...servers.flatMap((steps) => steps.add),
    ...services.edit.map(({ after }) => ({ op: "edit-service" as const, service: head(after) })),
    ...servers.flatMap((steps) => steps.raise),
    ...servers.flatMap((steps) => steps.lower),
    ...servers.flatMap((steps) => steps.remove),
    ...gone.flatMap((service) => [
      ...service.destinations.map((destination) =>
        serverStep("remove-server", service.key, destination),
      ),
      { op: "remove-service" as const, key: service.key },
    ]),
  ]
}

/** Whether two destinations are the same to the kernel. */
export function sameDestination(a: IpvsDestination, b: IpvsDestination): boolean {
  return (
    a.forwarding === b.forwarding &&
    a.weight === b.weight &&
    a.upperThreshold === b.upperThreshold &&
    a.lowerThreshold === b.lowerThreshold &&
    (a.tunnel?.type ?? "ipip") === (b.tunnel?.type ?? "ipip") &&
    a.tunnel?.port === b.tunnel?.port
  )
}

/** Whether two services are the same to the kernel, their servers aside. */
export function sameHead(a: ServiceHead, b: ServiceHead): boolean {
  return (
    a.scheduler === b.scheduler &&
    a.onePacket === b.onePacket &&
    a.flags.length === b.flags.length &&
    a.flags.every((flag) => b.flags.includes(flag)) &&
    a.persistence?.timeoutSeconds === b.persistence?.timeoutSeconds &&
    a.persistence?.prefixLength === b.persistence?.prefixLength &&
    a.persistence?.engine === b.persistence?.engine
  )
}

interface ServerSteps {
  readonly add: readonly IpvsStep[]
  readonly raise: readonly IpvsStep[]
  readonly lower: readonly IpvsStep[]
  readonly remove: readonly IpvsStep[]
}

function serverSteps(service: IpvsService, held: readonly IpvsDestination[]): ServerSteps {
  const diff = diffByKey(service.destinations, held, destinationName, sameDestination)
  const step = (op: ServerOp) => (destination: IpvsDestination) =>
    serverStep(op, service.key, destination)
  const lowers = (edit: (typeof diff.edit)[number]): boolean =>
    edit.after.weight < edit.before.weight
  return {
    add: diff.add.map(step("add-server")),
    raise: diff.edit.filter((edit) => !lowers(edit)).map(({ after }) => step("edit-server")(after)),
    lower: diff.edit.filter(lowers).map(({ after }) => step("edit-server")(after)),
    remove: diff.remove.map(step("remove-server")),
  }
}

type ServerOp = "add-server" | "edit-server" | "remove-server"

function serverStep(op: ServerOp, key: ServiceKey, destination: IpvsDestination): IpvsStep {
  return { op, key, destination }
}

function head(service: IpvsService): ServiceHead {
  const { destinations: _, ...rest } = service
  return rest
}
