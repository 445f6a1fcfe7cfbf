import type { Output } from "./output.ts"

/** The last lines of a terminal, drawn again and again; text above them scrolls. */
export interface LiveRegion {
  /** Shows these lines in place of the former. */
  draw(lines: readonly string[]): void
  /** Puts text above the region for good. */
  above(text: string): void
  /** Removes the region. */
  clear(): void
  /** Leaves the terminal to somebody else; what is to stand above is kept until `resume`. */
  pause(): void
  resume(): void
}

/** Cursor up (CUU) and erase to the end of the page (ED): ECMA-48 sections 8.3.22 and 8.3.39. */
const erase = (lines: number) => (lines === 0 ? "" : `\u001B[${lines}A\u001B[J`)

/** Draws by one write at a time, so that nothing flickers. */
export function openLiveRegion(output: Output): LiveRegion {
  let shown: readonly string[] = []
  let kept: string[] | undefined
  const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join("")
  const clear = () => {
    output.write(erase(shown.length))
    shown = []
  }
  return {
    draw(lines) {
      if (kept !== undefined) return
      if (lines.length === shown.length && lines.every((line, index) => line === shown[index]))
        return
      output.write(erase(shown.length) + text(lines))
      shown = lines
    },
    above(permanent) {
      if (kept !== undefined) return void kept.push(permanent)
      output.write(`${erase(shown.length)}${permanent}\n${text(shown)}`)
    },
    clear,
    pause() {
      clear()
      kept ??= []
    },
    resume() {
      const lines = kept ?? []
      kept = undefined
      if (lines.length > 0) output.write(text(lines))
    },
  }
}
