/** Colours text for a terminal, or leaves it alone. */
export interface Paint {
  red(text: string): string
  green(text: string): string
  yellow(text: string): string
  bold(text: string): string
  dim(text: string): string
}

/**
 * @param enabled as `displayOn` says. Codes: ECMA-48 section 8.3.117 (SGR).
 */
export function paint(enabled: boolean): Paint {
  const code = (on: number, off: number) => (text: string) =>
    enabled ? `\u001B[${on}m${text}\u001B[${off}m` : text
  return {
    red: code(31, 39),
    green: code(32, 39),
    yellow: code(33, 39),
    bold: code(1, 22),
    dim: code(2, 22),
  }
}
