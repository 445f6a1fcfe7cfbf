import { hostname, userInfo } from "node:os"

/** Who gives the order, also behind sudo. */
export function operatorName(): string {
  return process.env["SUDO_USER"] ?? userInfo().username
}

/** Who and from where, as overrides show it. */
export function operatorAtHost(): string {
  return `${operatorName()}@${hostname()}`
}
