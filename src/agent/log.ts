/** One line for the journal. */
export function log(message: string): void {
  process.stdout.write(`${message}\n`)
}
