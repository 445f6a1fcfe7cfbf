/** A terminal that shows one thing after the other in the same place, until its user leaves. */
export interface Screen {
  /** Aborted by q, Ctrl-C, or the end of the terminal. */
  readonly left: AbortSignal
  readonly rows: number
  show(lines: readonly string[]): void
  /** Gives the terminal back as it was. */
  close(): void
}

/** Alternate screen, no cursor, no wrapping of long lines (xterm control sequences, DEC private modes). */
const take = "\u001B[?1049h\u001B[?25l\u001B[?7l"
const giveBack = "\u001B[?7h\u001B[?25h\u001B[?1049l"
const home = "\u001B[H"
const clearLine = "\u001B[K"
const clearBelow = "\u001B[J"

/** q, Ctrl-C, Ctrl-D: as bytes, since the terminal is raw. */
const leaving = new Set(["q", "Q", "\u0003", "\u0004"])
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const
/** A terminal that does not tell its size (a serial line) says 0. */
const usualRows = 24

/** Whether standard input and output are a terminal that can show something in one place. */
export function hasScreen(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY && process.env["TERM"] !== "dumb"
}

/** Takes the terminal over; only where `hasScreen`. */
export function openScreen(): Screen {
  const { stdin, stdout } = process
  const leave = new AbortController()
  const end = (): void => leave.abort()
  const typed = (bytes: Buffer): void => {
    const keys = bytes.toString()
    if ([...leaving].some((key) => keys.includes(key))) end()
  }
  for (const signal of signals) process.on(signal, end)
  stdin.setRawMode(true).resume().on("data", typed).on("end", end)
  stdout.write(take)
  return {
    left: leave.signal,
    get rows() {
      return stdout.rows > 0 ? stdout.rows : usualRows
    },
    show(lines) {
      const text = lines.map((line) => `${plain(line)}${clearLine}`).join("\r\n")
      stdout.write(`${home}${text}${clearBelow}`)
    },
    close() {
      stdout.write(giveBack)
      stdin.off("data", typed).off("end", end).setRawMode(false).pause()
      for (const signal of signals) process.off(signal, end)
    },
  }
}

/** Words of a host must not move the cursor. */
function plain(line: string): string {
  return line.replace(/\p{Cc}/gu, " ")
}
