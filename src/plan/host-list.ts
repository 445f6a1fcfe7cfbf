import { plural } from "../core/text.ts"

/** From so many hosts on they are counted, and from so many numbers in a row on those are folded. */
const many = 4
const inRow = 3

interface Numbered {
  readonly head: string
  readonly digits: string
  readonly tail: string
}

/** Names for people: `lb1, lb2`; from four on counted and folded: `12 hosts: lb[01-12].tokyo`. */
export function hostList(names: readonly string[]): string {
  const folded = foldNames(names).join(", ")
  return names.length < many ? folded : `${plural(names.length, "host")}: ${folded}`
}

/** Names that differ only in a number that counts up, three of them at least, as one: `rs[1-9]`. The order is kept. */
export function foldNames(names: readonly string[]): string[] {
  const rows: string[][] = []
  for (const name of names) {
    const row = rows.at(-1)
    if (row !== undefined && follows(row.at(-1) ?? "", name)) row.push(name)
    else rows.push([name])
  }
  return rows.flatMap((row) => (row.length < inRow ? row : [foldRow(row)]))
}

function foldRow(row: readonly string[]): string {
  const first = numbered(row[0] ?? "")
  const last = numbered(row.at(-1) ?? "")
  return `${first?.head ?? ""}[${first?.digits ?? ""}-${last?.digits ?? ""}]${first?.tail ?? ""}`
}

/** Whether the number of `b` is the next after that of `a`, written as an Ansible range would write it. */
function follows(a: string, b: string): boolean {
  const [one, next] = [numbered(a), numbered(b)]
  if (one === undefined || next === undefined) return false
  const expected = String(Number(one.digits) + 1).padStart(one.digits.length, "0")
  return one.head === next.head && one.tail === next.tail && next.digits === expected
}

/** By the first number of the first label: `lb01.dc1` counts in 01. */
function numbered(name: string): Numbered | undefined {
  const [, head, digits, tail] = /^([^.\d]*)(\d{1,15})([^\d].*)?$/.exec(name) ?? []
  return head === undefined || digits === undefined ? undefined : { head, digits, tail: tail ?? "" }
}
