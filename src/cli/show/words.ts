import { table } from "../../core/text.ts"
import { wrap } from "../../core/wrap.ts"
import type { Traffic } from "../../model/traffic.ts"

/** Reports fit this many columns. */
const width = 80

/**
 * A table of 80 columns: what does not fit goes below its row, each cell with its column's name, so that nothing is cut off
 * and a screen reader reads it in order. Columns go from the right; the last one that stays only where its cell is too
 * long. The first row names the columns.
 */
export function report(rows: readonly (readonly string[])[]): string {
  const [names = []] = rows
  const head = (kept: number): number =>
    Math.max(
      ...table(rows.map((row) => [...row.slice(0, kept - 1), "|"]))
        .split("\n")
        .map((line) => line.length),
    ) - 1
  let kept = names.length
  while (kept > 2 && head(kept) + (names[kept - 1] ?? "").length > width) kept--
  const room = width - head(kept)
  const fits = (row: readonly string[]): boolean => (row[kept - 1] ?? "").length <= room
  const lines = table(rows.map((row) => row.slice(0, fits(row) ? kept : kept - 1))).split("\n")
  return lines
    .flatMap((line, index) => {
      const row = rows[index] ?? []
      return index === 0
        ? [line]
        : [line, ...wrapped(below(names, row, fits(row) ? kept : kept - 1))]
    })
    .join("\n")
}

/** Names and values, one line each, under a heading. */
export function block(heading: string, pairs: readonly (readonly [string, string])[]): string {
  const shown = pairs.filter(([, value]) => value !== "")
  const left = Math.max(0, ...shown.map(([name]) => name.length)) + 1
  return [heading, ...shown.map(([name, value]) => `  ${`${name}:`.padEnd(left)}  ${value}`)].join(
    "\n",
  )
}

/** `950`, `1.2k`, `34M`: three places are enough to compare by. */
export function short(value: number): string {
  const units = ["", "k", "M", "G", "T", "P"]
  let [rest, unit] = [value, 0]
  while (rest >= 999.5 && unit < units.length - 1) {
    rest /= 1000
    unit++
  }
  const digits = unit === 0 || rest >= 9.95 ? Math.round(rest) : Number(rest.toFixed(1))
  return `${digits}${units[unit]}`
}

/** A rate in a table; `-`: an older agent, which can't tell. */
export function perSecond(value: number | undefined): string {
  return value === undefined ? "-" : short(value)
}

/** `12 conn/s, in 1.2k packets/s 34M bytes/s, out ...`, or the same of totals. */
export function trafficWords(traffic: Traffic | undefined, per: "/s" | ""): string {
  if (traffic === undefined) return "not told by this agent"
  const { connections, inPackets, outPackets, inBytes, outBytes } = traffic
  return [
    `${short(connections)} connections${per}`,
    `in ${short(inPackets)} packets${per} ${short(inBytes)} bytes${per}`,
    `out ${short(outPackets)} packets${per} ${short(outBytes)} bytes${per}`,
  ].join(", ")
}

/** How long ago a time in ISO 8601 was: `12s`, `3m`, `5h`, `8d`; `-` when nobody knows. */
export function ago(since: string | undefined, nowMs: number): string {
  const ms = nowMs - Date.parse(since ?? "")
  if (Number.isNaN(ms)) return "-"
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 120) return `${seconds}s`
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`
  return `${Math.floor(seconds / 86_400)}d`
}

function below(names: readonly string[], row: readonly string[], kept: number): string {
  return names
    .slice(kept)
    .flatMap((name, index) => {
      const value = row[kept + index] ?? ""
      return value === "" ? [] : [`${name}: ${value}`]
    })
    .join("; ")
}

function wrapped(text: string): string[] {
  return text === "" ? [] : wrap(text, width - 4).map((line) => `    ${line}`)
}
