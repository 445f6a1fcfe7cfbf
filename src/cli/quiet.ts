let quiet = false

/** From now on only problems and the last line are told: `--quiet`. */
export function beQuiet(): void {
  quiet = true
}

export function isQuiet(): boolean {
  return quiet
}
