import { holderWords } from "../../model/lock.ts"
import { silentDirectors, type Seen } from "../tables.ts"
import { haFacts } from "./ha.ts"
import type { Shown } from "./subject.ts"
import { ago, report } from "./words.ts"

/** What stands in the way of all being well, by host. */
export function warningsShown(seen: readonly Seen[]): Shown {
  const warnings = [...seen.flatMap(warningsOf), ...masterless(seen)]
  return {
    json: warnings,
    text:
      warnings.length === 0
        ? "no warnings"
        : warnings.map(({ host, message }) => `${host}: ${message}`).join("\n"),
  }
}

/** Which release each host has, and whether that is what the definition makes of it now. */
export function configShown(seen: readonly Seen[], nowMs: number): Shown {
  const rows = seen.map(({ view, bundle, observed, error }) => ({
    host: view.host,
    release: observed?.release,
    definition: bundle?.id,
    loaded: observed?.agent?.loaded,
    unconfirmed: observed?.transaction?.release,
    error,
  }))
  return {
    json: rows,
    text: report([
      ["HOST", "RELEASE", "DEFINITION", "AGENT LOADED IT"],
      ...rows.map((row) => [
        row.host,
        row.release?.slice(0, 12) ?? "-",
        row.error ?? standing(row),
        row.loaded === undefined
          ? "-"
          : `${ago(row.loaded.at, nowMs)} ago${row.loaded.ok ? "" : ", refused"}`,
      ]),
    ]),
  }
}

/** What runs on each host, beside what this lbctl is. */
export function versionShown(seen: readonly Seen[], lbctl: string): Shown {
  const rows = seen.map(({ view, observed, error }) => ({
    host: view.host,
    agent: observed?.agent?.version,
    running: observed?.agent?.running,
    keepalived: observed?.facts["keepalived"],
    kernel: observed?.facts["kernel"],
    error,
  }))
  const table = report([
    ["HOST", "AGENT", "KEEPALIVED", "KERNEL"],
    ...rows.map((row) => [
      row.host,
      row.error ?? `${row.agent ?? "-"}${row.running === false ? " (not running)" : ""}`,
      row.keepalived ?? "-",
      row.kernel ?? "-",
    ]),
  ])
  return { json: { lbctl, hosts: rows }, text: `lbctl ${lbctl}\n\n${table}` }
}

/** VLAN interfaces of directors, and what they carry. */
export function vlansShown(seen: readonly Seen[]): Shown {
  const rows = seen.flatMap(({ view, observed }) =>
    (observed?.agent?.vlans ?? []).map(({ id, device, parent }) => {
      const addresses = (observed?.addresses ?? []).filter((held) => held.device === device)
      const vips = new Set(view.director?.vrrp.flatMap((vrrp) => vrrp.vips))
      return {
        id,
        device,
        parent,
        director: view.host,
        up: observed?.links.find(({ name }) => name === device)?.up ?? false,
        addresses: addresses.map(({ address, prefix }) => `${address}/${prefix}`),
        vips: addresses.filter(({ address }) => vips.has(address)).length,
      }
    }),
  )
  return {
    json: rows,
    text:
      rows.length === 0
        ? "no director has VLAN interfaces"
        : report([
            ["VLAN", "DEVICE", "ON", "DIRECTOR", "LINK", "VIPS", "ADDRESSES"],
            ...rows.map((row) => [
              String(row.id),
              row.device,
              row.parent,
              row.director,
              row.up ? "up" : "down",
              String(row.vips),
              row.addresses.join(", "),
            ]),
          ]),
  }
}

interface Warning {
  readonly host: string
  readonly message: string
}

function warningsOf(seen: Seen): Warning[] {
  const { view, observed, error } = seen
  const host = view.host
  const messages =
    view.director === undefined
      ? [error ?? ""]
      : silentDirectors([seen]).map((line) => line.slice(host.length + 2))
  const { agent, transaction, hold, lastResult } = observed ?? {}
  return [
    ...messages,
    agent?.running === false ? "lbagent is not running" : "",
    ...(agent?.warnings ?? []),
    transaction === undefined
      ? ""
      : `release ${transaction.release.slice(0, 12)} of ${transaction.by} is not confirmed`,
    hold === undefined ? "" : `locked by ${holderWords(hold)}`,
    lastResult ?? "",
  ]
    .filter((message) => message !== "")
    .map((message) => ({ host, message }))
}

/** A cluster all of whose directors answer has one master. */
function masterless(seen: readonly Seen[]): Warning[] {
  const facts = haFacts(seen)
  return [...new Set(facts.map(({ cluster }) => cluster))].flatMap((host): Warning[] => {
    const own = facts.filter(({ cluster }) => cluster === host)
    const masters = own.filter(({ state }) => state === "MASTER").map(({ director }) => director)
    if (masters.length > 1) return [{ host, message: `${masters.join(" and ")} are both MASTER` }]
    const known = own.every(({ state }) => ["BACKUP", "FAULT", "STOPPED"].includes(state))
    return masters.length === 0 && known ? [{ host, message: "no director is MASTER" }] : []
  })
}

function standing(row: {
  readonly release: string | undefined
  readonly definition: string | undefined
  readonly unconfirmed: string | undefined
}): string {
  if (row.unconfirmed !== undefined) return `${row.unconfirmed.slice(0, 12)} is not confirmed`
  if (row.release === undefined) return "never applied"
  return row.release === row.definition ? "as defined" : "differs: lbctl plan"
}
