import { nodeRows, type Seen } from "../tables.ts"
import type { Shown } from "./subject.ts"
import { ago, block, report } from "./words.ts"

/** Who is what, and how it is. */
export function nodesShown(seen: readonly Seen[]): Shown {
  const rows = nodeRows(seen)
  return {
    json: rows,
    text: report([
      ["HOST", "ROLE", "RELEASE", "AGENT", "STATE"],
      ...rows.map((row) => [row.host, row.role, row.release, row.agent, row.state]),
    ]),
  }
}

/** One host in full. */
export function nodeShown(seen: readonly Seen[], nowMs: number): Shown {
  return {
    json: seen.map(({ view, observed, error }, index) => ({
      ...nodeRows(seen)[index],
      groups: view.groups,
      addresses: observed?.addresses ?? view.addresses,
      processes: observed?.agent?.processes,
      loaded: observed?.agent?.loaded,
      changes: observed?.agent?.changes,
      warnings: observed?.agent?.warnings,
      error,
    })),
    text: seen.map((one) => detail(one, nowMs)).join("\n\n"),
  }
}

function detail(seen: Seen, nowMs: number): string {
  const { view, observed } = seen
  const [row] = nodeRows([seen])
  const agent = observed?.agent
  const pairs: [string, string][] = [
    ["role", row?.role ?? ""],
    ["state", row?.state ?? ""],
    ["release", row?.release ?? ""],
    [
      "addresses",
      (observed?.addresses ?? [])
        .map((held) => `${held.address}/${held.prefix} ${held.device}`)
        .join(", "),
    ],
    ["kernel", row?.kernel ?? ""],
    ["keepalived", observed?.facts["keepalived"] ?? ""],
    ["agent", `${row?.agent}${agent === undefined ? "" : `, version ${agent.version}`}`],
    [
      "definition loaded",
      agent?.loaded === undefined
        ? ""
        : `${ago(agent.loaded.at, nowMs)} ago${agent.loaded.ok ? "" : ", refused"}`,
    ],
    ...(agent?.processes ?? []).map(({ name, pid, since, restarts, lastEnd }): [string, string] => [
      `process ${name}`,
      `pid ${pid} for ${ago(since, nowMs)}, restarted ${restarts} times${lastEnd === undefined ? "" : `, last end: ${lastEnd}`}`,
    ]),
    ["last apply", observed?.lastResult ?? ""],
    ["locked by", observed?.hold?.by ?? ""],
    ["groups", view.groups.join(", ")],
  ]
  return block(view.host, pairs)
}
