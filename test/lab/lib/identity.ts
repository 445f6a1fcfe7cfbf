import { isRunning, thisProcess } from "./processes.ts"

/**
 * Where labs keep their state. Not TMPDIR: sockets live below it, and a socket's path has 108 bytes (unix(7)).
 */
export const stateParent = "/tmp"

const prefix = "lbctl-lab-"
let labsSoFar = 0

/** What tells one lab from all others on the machine, and whose it is. */
export interface LabIdentity {
  /** `PID-STARTTIME-N`, numbers in base 36. */
  readonly id: string
  readonly stateDir: string
  /** The namespace of bridge, router and controller. */
  readonly lan: string
  /** The client's namespace. */
  readonly client: string
}

/** A new lab of this process. */
export function newIdentity(): LabIdentity {
  const { pid, startTime } = thisProcess()
  labsSoFar += 1
  return identityOf([pid, startTime, labsSoFar].map((part) => part.toString(36)).join("-"))
}

/** The lab that a state folder's or namespace's name belongs to; undefined when it is none of ours. */
export function parseIdentity(name: string): LabIdentity | undefined {
  const match = /^lbctl-lab-([0-9a-z]+-[0-9a-z]+-[0-9a-z]+)(-client)?$/.exec(name)
  return match?.[1] === undefined ? undefined : identityOf(match[1])
}

/** Whether the process that made the lab still runs. */
export function hasOwner(identity: LabIdentity): boolean {
  const [pid = 0, startTime = 0] = identity.id.split("-").map((part) => Number.parseInt(part, 36))
  return isRunning({ pid, startTime })
}

function identityOf(id: string): LabIdentity {
  const name = `${prefix}${id}`
  return { id, stateDir: `${stateParent}/${name}`, lan: name, client: `${name}-client` }
}
