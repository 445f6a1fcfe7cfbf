// The demo's voice: what it says, how fast, and how results look. 80 columns.
import { setTimeout as sleep } from "node:timers/promises"

const isTerminal = process.stdout.isTTY === true
const hasColor = isTerminal && process.env.NO_COLOR === undefined
const began = Date.now()

const paint = (code) => (text) => (hasColor ? `\u001b[${code}m${text}\u001b[0m` : text)
const bold = paint("1")
const dim = paint("2")
const red = paint("31")
const green = paint("32")

/** Time to read, on a terminal. */
export async function pause(seconds) {
  if (isTerminal) await sleep(seconds * 1000)
}

/** A new act: its title, and what there is to see. */
export async function act(title, ...lines) {
  const clock = `${((Date.now() - began) / 1000).toFixed(0)} s`
  console.log(`\n${bold(`## ${title}`)}${dim(clock.padStart(76 - title.length))}`)
  for (const line of lines) console.log(line)
  await pause(lines.length)
}

/** A command line, as if typed. */
export async function typed(...words) {
  console.log(`\n${bold("$")} ${words.join(" ")}`)
  await pause(1)
}

/** A result, good or bad. */
export function result(isGood, text) {
  console.log(isGood ? green(`ok  ${text}`) : red(`!!  ${text}`))
}

/** A line of a file before and after. */
export function change(before, after) {
  console.log(`${red(`- ${before.trim()}`)}\n${green(`+ ${after.trim()}`)}`)
}

/** Seventy columns of time: `=` where every request was answered, `x` where some were not. */
export function timeline({ gaps }, durationMs) {
  const columns = 70
  const width = durationMs / columns
  const isBad = (column) =>
    gaps.some(({ fromMs, toMs }) => fromMs < (column + 1) * width && toMs > column * width)
  const marks = Array.from({ length: columns }, (_, column) => (isBad(column) ? red("x") : "="))
  return `0 |${marks.join("")}| ${(durationMs / 1000).toFixed(0)} s`
}

/** `1200 requests, 1200 answered (rs1 900, rs2 300), 0 failed` */
export function tally({ sent, ok, failed, servers }) {
  const shares = Object.keys(servers)
    .sort()
    .map((name) => `${name} ${servers[name]}`)
  return `${sent} requests, ${ok} answered (${shares.join(", ")}), ${failed} failed`
}
