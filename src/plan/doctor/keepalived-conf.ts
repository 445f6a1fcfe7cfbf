import type { Bundle, FileResource } from "../../model/bundle.ts"
import { isProgramPath } from "../../core/program-path.ts"

/** Where keepalived's configuration stands. */
export const keepalivedConf = "/etc/keepalived/keepalived.conf"

/** The keepalived.conf(5) that a host is to have. */
export function configurationOf({ files }: Bundle): FileResource | undefined {
  return files.find(({ path }) => path === keepalivedConf)
}

/** A program that a keepalived.conf(5) names. */
export interface ConfiguredProgram {
  /** The keyword that names it, such as notify_master. */
  readonly word: string
  readonly path: string
  /** Runs as root for certain, or as whom keepalived takes by itself: then it looks at who may change the program. */
  readonly asRoot: boolean
}

const words = [
  "notify",
  "notify_master",
  "notify_backup",
  "notify_fault",
  "notify_stop",
  "notify_deleted",
  "notify_master_rx_lower_pri",
  "notify_up",
  "notify_down",
  "quorum_up",
  "quorum_down",
  "script",
  "misc_path",
  "startup_script",
  "shutdown_script",
  "notify_fifo_script",
  "vrrp_notify_fifo_script",
  "lvs_notify_fifo_script",
]

/** A keyword, a command line in quotes or one word, and behind it perhaps the user to run it as. */
const programLine = new RegExp(`^\\s*(${words.join("|")})\\s+(?:"([^"]*)"|(\\S+))(.*)$`)

/** The programs that a keepalived.conf(5) names by plain absolute paths: what else a command may be (`killall` by PATH, a quoted name) is not judged. */
export function configuredPrograms(text: string): ConfiguredProgram[] {
  const lines = text.split("\n")
  const [, user = "root"] = lines.flatMap((line) => /^\s*script_user\s+(\S+)/.exec(line) ?? [])
  // A check's user stands on a line of its own in its block: where some block has one, none of them counts as run by the default.
  const hasUsers = lines.some((line) => /^\s*user\s/.test(line))
  return lines.flatMap((line) => {
    const [, word, quoted, bare = "", more = ""] = programLine.exec(line) ?? []
    const [path = ""] = (quoted ?? bare).trim().split(/\s+/)
    if (word === undefined || !isProgramPath(path)) return []
    const inBlock = word === "script" || word === "misc_path"
    const hasOwnUser = inBlock ? hasUsers : /^\s*[^\s#!]/.test(more)
    return [{ word, path, asRoot: user === "root" && !hasOwnUser }]
  })
}

/** Whether a keepalived.conf(5) says as whom programs run that say nothing of it themselves, and that insecure ones are not run. */
export function isSecured(text: string): boolean {
  return /^\s*script_user\s/m.test(text) && /^\s*enable_script_security\b/m.test(text)
}
