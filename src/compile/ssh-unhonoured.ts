import { assertNever } from "../core/result.ts"
import type { Problem } from "../core/problem.ts"
import type { SshConfigLine } from "../schema/ssh-config.ts"
import { kindOf } from "./ssh-keywords.ts"

const cure = "set lbctl_transport: ssh for the host, which connects by the system's ssh"

/** What of a line that counts for a host is not done as it says; undefined when it is. */
export function unhonoured(line: SshConfigLine, transport: "builtin" | "ssh"): Problem | undefined {
  const { keyword, rest, args, at, written } = line
  const kind = kindOf(keyword, rest)
  const message = `${written} cannot be honoured by the built-in client`
  switch (kind) {
    case "honoured":
      return keyword === "stricthostkeychecking" && /^(?:no|false|off)$/i.test(args[0] ?? "")
        ? alwaysChecked(line)
        : undefined
    case "harmless":
    case "unknown":
      return undefined
    case "needs-ssh":
      if (transport === "ssh") return undefined
      return { rule: "connection-ignored", severity: "warning", message, at, hint: cure }
    case "revocation":
      if (transport === "ssh") return undefined
      return { rule: "connection-unsupported", message, at, hint: cure }
    default:
      return assertNever(kind)
  }
}

/** That a wish not to check host keys is none of lbctl's. */
export function alwaysChecked({ written, at }: Pick<SshConfigLine, "written" | "at">): Problem {
  const message = `${written} has no effect: lbctl checks every host key`
  const hint = "add the host's key to known_hosts, or write accept-new; leave the option out"
  return { rule: "connection-ignored", severity: "warning", message, at, hint }
}
