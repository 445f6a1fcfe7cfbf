/** What an operator may do at run time to real servers, the strongest first: of several the first counts. */
export const serverActions = ["disable", "drain", "weight"] as const
export type ServerAction = (typeof serverActions)[number]

/** What an operator may do at run time: also to a director, by its VRRP priority in one cluster. */
export const overrideActions = [...serverActions, "priority"] as const
export type OverrideAction = (typeof overrideActions)[number]

/** The priorities an operator may give: 0 resigns and 255 is the owner's of the addresses (RFC 9568, section 5.2.4). */
export const priorityRange = { least: 1, most: 254 } as const

/** A weight that grows for longer than a day was meant to be set. */
export const longestRampMs = 86_400_000

/** Whom an override concerns: all real servers of a service, one host in all its services, or one host in one service. */
export interface OverrideScope {
  /** Inventory name of a real server, with `priority` of a director; undefined: all of the service. */
  readonly host?: string
  /** Name under `services:`; undefined: all services of the host. One of the two is there. */
  readonly service?: string
}

/**
 * An operator's word at run time, kept over restarts and applies until it is lifted or expires. Of two with the same action
 * and scope the newer counts, also where it only lifts: so directors that tell each other what they have come to agree.
 */
export interface Override extends OverrideScope {
  /**
   * `disable`: out of the table at once, with its connections; `drain`: weight 0, connections stay; `weight`: that weight
   * instead of the defined one; `priority`: the VRRP priority of a director instead of the defined one.
   */
  readonly action: OverrideAction
  /** 0 to 65535; with `weight` only. */
  readonly weight?: number
  /** 1 to 254, with `priority` only, as the cluster in which the director has it. */
  readonly priority?: number
  readonly cluster?: string
  readonly by: string
  /** ISO 8601 in UTC, with milliseconds. */
  readonly since: string
  readonly reason?: string
  /** ISO 8601 in UTC, with milliseconds: it ends then by itself. */
  readonly expires?: string
  /** What stood there is over: nothing but a memory, so that a director which was away does not bring it back. */
  readonly lifted?: true
  /** Of a drain that was lifted: the weight grows over so many milliseconds since then. */
  readonly rampMs?: number
}

/** `rs3`, `rs3:web`, `:web`: a scope as commands take it. */
export function scopeWord({ host, service }: OverrideScope): string {
  if (service === undefined) return host ?? ""
  return `${host ?? ""}:${service}`
}

/** A scope as sentences name it: `rs3`, `rs3:web`, `service web`. */
export function scopeName(scope: OverrideScope): string {
  return scope.host === undefined ? `service ${scope.service ?? ""}` : scopeWord(scope)
}

/** `drained`, `disabled`, `set to weight 5`, `given priority 90 in tokyo`. */
export function actionWords({
  action,
  weight,
  priority,
  cluster,
}: {
  readonly action: OverrideAction
  readonly weight?: number | undefined
  readonly priority?: number | undefined
  readonly cluster?: string | undefined
}): string {
  switch (action) {
    case "disable":
      return "disabled"
    case "drain":
      return "drained"
    case "weight":
      return weight === undefined ? "set to a weight" : `set to weight ${weight}`
    case "priority":
      return `given priority ${priority ?? ""} in ${cluster ?? ""}`
    default:
      return action satisfies never
  }
}

/** Who, since when, until when and why: `by ann since T until U (disk)`. */
export function authorWords({ by, since, expires, reason }: Override): string {
  const until = expires === undefined ? "" : ` until ${expires}`
  return `by ${by} since ${since}${until}${reason === undefined ? "" : ` (${reason})`}`
}

/** The arguments of `lbctl` that lift an override. */
export function liftingCommand(override: Override): string {
  const word = scopeWord(override)
  switch (override.action) {
    case "disable":
      return `enable ${word}`
    case "drain":
      return `resume ${word}`
    case "weight":
      return `weight ${word} default`
    case "priority":
      return `set-priority ${word} default --cluster ${override.cluster ?? ""}`
    default:
      return override.action satisfies never
  }
}

/** An override of real servers. */
export type ServerOverride = Override & { readonly action: ServerAction }

/** Whether an override concerns real servers, and not a director. */
export function isServerOverride(override: Override): override is ServerOverride {
  return override.action !== "priority"
}
