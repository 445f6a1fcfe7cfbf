import type { Hop } from "./ssh-hop.ts"
import { parseSshOptions } from "./ssh-options.ts"
import type { SshOption } from "./ssh-options.ts"
import { hopsOf } from "./ssh-values.ts"

/** Options of the inner ssh that change nothing for a jump. */
const idle = new Set(["-a", "-q", "-T", "-x"])

/** The jump host of `ssh -W %h:%p [user@]bastion`, how jumps were written before ProxyJump; undefined for other commands. */
export function hopsOfCommand(command: string): Hop[] | undefined {
  const parsed = parseSshOptions(command)
  const [program, bastion, ...more] = parsed?.words ?? []
  if (parsed === undefined || bastion === undefined || more.length > 0) return undefined
  if (program === undefined || !/(?:^|\/)ssh$/.test(program)) return undefined
  const value = (keyword: string): string | undefined =>
    parsed.options.find((option) => option.keyword === keyword)?.value
  if (value("-W") !== "%h:%p" || !parsed.options.every(isOfJump)) return undefined
  const [hop, ...others] = hopsOf(bastion) ?? []
  if (hop === undefined || others.length > 0) return undefined
  const [user, port] = [hop.user ?? value("user"), value("port")]
  if (port !== undefined && !/^\d{1,5}$/.test(port)) return undefined
  return [
    {
      address: hop.address,
      ...(user === undefined ? {} : { user }),
      ...(port === undefined ? {} : { port: Number(port) }),
    },
  ]
}

function isOfJump({ keyword, value }: SshOption): boolean {
  if (keyword === "batchmode") return /^yes$/i.test(value)
  return idle.has(keyword) || ["-W", "user", "port"].includes(keyword)
}
