/** A jump host as `-J` names it (ssh(1)). */
export interface Hop {
  readonly user?: string
  readonly address: string
  readonly port: number
}

/** `[user@]host[:port]`, with brackets around an IPv6 address; undefined for anything else. */
export function parseHop(text: string): Hop | undefined {
  const match = /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:\[([^\]]+)\]|([^@:[\]]+))(?::(\d+))?$/.exec(text)
  const address = match?.[2] ?? match?.[3]
  if (match === null || address === undefined) return undefined
  const port = match[4] === undefined ? 22 : Number(match[4])
  return { ...(match[1] === undefined ? {} : { user: match[1] }), address, port }
}
