/** What an operator may do at run time to real servers, the strongest first: of several the first counts. */
export const overrideActions = ["disable", "drain", "weight"] as const
export type OverrideAction = (typeof overrideActions)[number]

/** A weight that grows for longer than a day was meant to be set. */
export const longestRampMs = 86_400_000

/** Whom an override concerns: all real servers of a service, one host in all its services, or one host in one service. */
export interface OverrideScope {
  /** Inventory name of a real server; undefined: all of the service. */
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
   * instead of the defined one.
   */
  readonly action: OverrideAction
  /** 0 to 65535; with `weight` only. */
  readonly weight?: number
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

/** `drained`, `disabled`, `set to weight 5`. */
export function actionWords({
  action,
  weight,
}: {
  readonly action: OverrideAction
  readonly weight?: number | undefined
}): string {
  switch (action) {
    case "disable":
      return "disabled"
    case "drain":
      return "drained"
    case "weight":
      return weight === undefined ? "set to a weight" : `set to weight ${weight}`
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
    default:
      return override.action satisfies never
  }
}
