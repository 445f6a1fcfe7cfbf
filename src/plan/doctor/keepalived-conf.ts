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

/** Absolute paths of plain letters: what else a command may be (`killall` by PATH, a quoted name) is not judged. */
const plainPath = /^\/[\w./@:+=,%-]+$/

/** The programs that a keepalived.conf(5) names by plain absolute paths. */
export function configuredPrograms(text: string): ConfiguredProgram[] {
  const lines = text.split("\n")
  const [, user = "root"] = lines.flatMap((line) => /^\s*script_user\s+(\S+)/.exec(line) ?? [])
  return lines.flatMap((line) => {
    const [, word, quoted, bare = "", more = ""] = programLine.exec(line) ?? []
    const [path = ""] = (quoted ?? bare).trim().split(/\s+/)
    if (word === undefined || !plainPath.test(path)) return []
    return [{ word, path, asRoot: user === "root" && !hasOwnUser(word, more, lines) }]
  })
}

/** A check's user stands on a line of its own in its block: where some block has one, none of them counts as run by the default. */
function hasOwnUser(word: string, more: string, lines: readonly string[]): boolean {
  return word === "script" || word === "misc_path"
    ? lines.some((line) => /^\s*user\s/.test(line))
    : /^\s*[^\s#!]/.test(more)
}

/** Whether a keepalived.conf(5) says as whom programs run that say nothing of it themselves, and that insecure ones are not run. */
export function isSecured(text: string): boolean {
  return /^\s*script_user\s/m.test(text) && /^\s*enable_script_security\b/m.test(text)
}
