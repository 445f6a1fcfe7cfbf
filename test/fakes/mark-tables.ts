import type { MarkTables } from "../../src/agent/kernel/mark-tables.ts"
import { Failure } from "../../src/core/failure.ts"

const header = /^:(\S+) -/
const builtIn = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"]

/** The tables mangle in memory: what iptables-restore --noflush refuses is refused as a whole, and changes nothing. */
export class FakeMarkTables implements MarkTables {
  readonly #tables = new Map<4 | 6, Map<string, string[]>>()
  /** What was written, in order. */
  readonly scripts: string[] = []
  reads = 0
  /** iptables is not installed. */
  missing = false

  read(version: 4 | 6): string {
    this.reads++
    if (this.missing) return ""
    const table = this.#table(version)
    return [
      "*mangle",
      ...[...table.keys()].map((name) =>
        builtIn.includes(name) ? `:${name} ACCEPT [7:532]` : `:${name} - [0:0]`,
      ),
      ...[...table].flatMap(([name, rules]) => rules.map((rule) => `-A ${name} ${rule}`)),
      "COMMIT",
      "",
    ].join("\n")
  }

  write(version: 4 | 6, script: string): void {
    if (this.missing) throw new Failure("failed", "iptables-restore is not installed")
    const table = new Map([...this.#table(version)].map(([name, rules]) => [name, [...rules]]))
    for (const line of script.split("\n")) carryOut(table, line)
    this.#tables.set(version, table)
    this.scripts.push(script)
  }

  /** Somebody else's hand. */
  rules(chain: string, version: 4 | 6 = 4): string[] {
    const table = this.#table(version)
    const rules = table.get(chain) ?? []
    table.set(chain, rules)
    return rules
  }

  /** What a firewall's reload does. */
  flush(version: 4 | 6): void {
    this.#tables.delete(version)
  }

  #table(version: 4 | 6): Map<string, string[]> {
    const table = this.#tables.get(version) ?? new Map(builtIn.map((name) => [name, []]))
    this.#tables.set(version, table)
    return table
  }
}

function carryOut(table: Map<string, string[]>, line: string): void {
  const [word = "", chain = "", ...rest] = line.split(" ")
  const rule = rest.join(" ")
  const named = header.exec(line)?.[1]
  const rules = table.get(chain)
  if (word === "" || line === "*mangle" || line === "COMMIT") return
  if (named !== undefined) table.set(named, [])
  else if (rules === undefined) throw refused(line)
  else if (word === "-A") rules.push(rule)
  else if (word === "-F") rules.length = 0
  else if (word === "-D" && rules.includes(rule)) rules.splice(rules.indexOf(rule), 1)
  else if (word === "-X" && rules.length === 0 && !isUsed(table, chain)) table.delete(chain)
  else throw refused(line)
}

function isUsed(table: Map<string, string[]>, chain: string): boolean {
  return [...table.values()].flat().some((rule) => rule.endsWith(`-j ${chain}`))
}

function refused(line: string): Failure {
  return new Failure("failed", `iptables-restore: line failed: ${line}`)
}
