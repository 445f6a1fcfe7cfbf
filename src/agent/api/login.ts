import { execFileSync } from "node:child_process"
import { userInfo } from "node:os"
import { list, object, parseShape, text } from "../../core/shape.ts"
import type { Login } from "../../model/access.ts"

/** The header of a request that says who gives the order. */
export const loginHeader = "x-lbctl-login"

const shape = object<Login>({ user: text(/./), groups: list(text()) })

/**
 * Who runs this process: by its uid; as root whoever became it by sudo or doas, which set the name themselves (sudo(8),
 * doas(1)). A login as root is root. Groups are those that id(1) tells, also of directories such as LDAP.
 */
export function ownLogin(env: NodeJS.ProcessEnv): Login {
  const { uid, username } = userInfo()
  const user = uid === 0 ? (env["SUDO_USER"] ?? env["DOAS_USER"] ?? username) : username
  return { user, groups: groupsOf(user) }
}

/** A login as the header has it. */
export function loginText(login: Login): string {
  return encodeURIComponent(JSON.stringify(login))
}

/** The login that a request tells; undefined: none, or what is none. */
export function parseLogin(header: string | readonly string[] | undefined): Login | undefined {
  if (typeof header !== "string") return undefined
  try {
    return parseShape(shape, decodeURIComponent(header)) as Login | undefined
  } catch {
    return undefined
  }
}

/** Nobody's groups where the name is not known: rules by user still hold. */
function groupsOf(user: string): string[] {
  try {
    const words = execFileSync("id", ["-nG", "--", user], {
      encoding: "utf8",
      timeout: 5000,
      stdio: ["ignore", "pipe", "ignore"],
    })
    return words.trim().split(/\s+/)
  } catch {
    return []
  }
}
