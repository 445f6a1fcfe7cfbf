/** Writes to standard output; a reader that went away (`lbctl show nodes | head`) is no error. */
export function print(text: string): void {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`)
}

/** Writes to standard error: problems, progress, questions. */
export function complain(text: string): void {
  process.stderr.write(text.endsWith("\n") ? text : `${text}\n`)
}

/** Indented JSON on standard output. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, undefined, 2))
}

/** Makes EPIPE on either stream end the command quietly, as other command-line tools do. */
export function endQuietlyOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(0)
      throw error
    })
  }
}
