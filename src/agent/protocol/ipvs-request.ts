import { assertNever } from "../../core/result.ts"
import type { IpvsDestination, IpvsStep, ServiceKey } from "../../model/ipvs.ts"
import { keyFamily } from "../../model/ipvs.ts"
import { AttributeReader } from "./attribute-reader.ts"
import { AttributeWriter } from "./attribute-writer.ts"
import { commandAttributes, commands } from "./ipvs-constants.ts"
import {
  type DestinationReading,
  readDestination,
  writeDestination,
  writeDestinationKey,
} from "./ipvs-destination.ts"
import {
  readService,
  type ServiceHead,
  type ServiceReading,
  writeService,
  writeServiceKey,
} from "./ipvs-service.ts"

/** A generic netlink request of the IPVS family. */
export interface IpvsRequest {
  readonly command: number
  readonly attributes: Uint8Array
}

/** include/uapi/asm-generic/errno-base.h: ENOENT, ESRCH, EEXIST, ERANGE */
const errnos = { noEntry: 2, noSuchThing: 3, exists: 17, range: 34 } as const

/** The request that carries a step out. */
export function encodeStep(step: IpvsStep): IpvsRequest {
  switch (step.op) {
    case "add-service":
      return { command: commands.newService, attributes: serviceAttributes(step.service) }
    case "edit-service":
      return { command: commands.setService, attributes: serviceAttributes(step.service) }
    case "remove-service":
      return { command: commands.deleteService, attributes: encodeServiceKey(step.key) }
    case "add-server":
      return {
        command: commands.newDestination,
        attributes: serverAttributes(step.key, step.destination, writeDestination),
      }
    case "edit-server":
      return {
        command: commands.setDestination,
        attributes: serverAttributes(step.key, step.destination, writeDestination),
      }
    case "remove-server":
      return {
        command: commands.deleteDestination,
        attributes: serverAttributes(step.key, step.destination, writeDestinationKey),
      }
    default:
      return assertNever(step)
  }
}

/**
 * What the kernel's answer to a step means: the work is done, or it is to be done another way (what was to be added is there with
 * perhaps another content; what was to be edited is not there), or it was refused.
 * The numbers are those of net/netfilter/ipvs/ip_vs_ctl.c: EEXIST; ESRCH no such service; ENOENT no such destination, or no such
 * scheduler in the case of a service.
 */
export function judgeStep(step: IpvsStep, errno: number): "done" | "refused" | IpvsStep {
  if (errno === 0) return "done"
  switch (step.op) {
    case "add-service":
      return errno === errnos.exists ? { ...step, op: "edit-service" } : "refused"
    case "add-server":
      return errno === errnos.exists ? { ...step, op: "edit-server" } : "refused"
    case "edit-service":
      return errno === errnos.noSuchThing ? { ...step, op: "add-service" } : "refused"
    case "edit-server":
      return errno === errnos.noEntry ? { ...step, op: "add-server" } : "refused"
    case "remove-service":
      return errno === errnos.noSuchThing ? "done" : "refused"
    case "remove-server":
      return errno === errnos.noSuchThing || errno === errnos.noEntry ? "done" : "refused"
    default:
      return assertNever(step)
  }
}

/** A refusal in words, where the errno's own mislead; undefined elsewhere. */
export function explainRefusal(step: IpvsStep, errno: number): string | undefined {
  if (step.op === "add-service" || step.op === "edit-service") {
    const { scheduler, persistence } = step.service
    const engine =
      persistence?.engine === undefined ? "" : ` or no persistence engine ${persistence.engine}`
    return errno === errnos.noEntry
      ? `this kernel has no scheduler ${scheduler}${engine}`
      : undefined
  }
  if (errno === errnos.noSuchThing) return "there is no such service"
  if (errno === errnos.range) return "weight or thresholds out of range"
  return undefined
}

/** Attributes that name one service: for a GET_DEST dump or a deletion. */
export function encodeServiceKey(key: ServiceKey): Uint8Array {
  return new AttributeWriter()
    .nest(commandAttributes.service, (inner) => writeServiceKey(inner, key))
    .finish()
}

/** A service from one message of a GET_SERVICE dump. */
export function decodeService(payload: Uint8Array): ServiceReading | undefined {
  const nest = new AttributeReader(payload).nest(commandAttributes.service)
  return nest && readService(nest)
}

/** A destination from one message of the GET_DEST dump of that service. */
export function decodeDestination(
  payload: Uint8Array,
  key: ServiceKey,
): DestinationReading | undefined {
  const nest = new AttributeReader(payload).nest(commandAttributes.destination)
  return nest && readDestination(nest, keyFamily(key))
}

function serviceAttributes(service: ServiceHead): Uint8Array {
  return new AttributeWriter()
    .nest(commandAttributes.service, (inner) => writeService(inner, service))
    .finish()
}

function serverAttributes(
  key: ServiceKey,
  destination: IpvsDestination,
  write: (writer: AttributeWriter, destination: IpvsDestination) => void,
): Uint8Array {
  return new AttributeWriter()
    .nest(commandAttributes.service, (inner) => writeServiceKey(inner, key))
    .nest(commandAttributes.destination, (inner) => write(inner, destination))
    .finish()
}
