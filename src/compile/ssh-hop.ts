/** A jump host as `-J` names it (ssh(1)). */
export interface Hop {
  readonly user?: string
  readonly address: string
  readonly port?: number
}

const form =
  /^(?:ssh:\/\/)?(?:([^@\s-][^@\s]*)@)?(?:\[([0-9a-zA-Z:.%]+)\]|([^\s:@[\]-][^\s:@[\]]*))(?::(\d{1,5}))?$/

/** `[user@]host[:port]`, with brackets around an IPv6 address; undefined for anything else, and for what ssh would take for an option. */
export function parseHop(text: string): Hop | undefined {
  const match = form.exec(text)
  const address = match?.[2] ?? match?.[3]
  if (match === null || address === undefined) return undefined
  const user = match[1] === undefined ? {} : { user: match[1] }
  if (match[4] === undefined) return { ...user, address }
  const port = Number(match[4])
  return port < 1 || port > 65_535 ? undefined : { ...user, address, port }
}
