import { diffByKey } from "../core/keyed-diff.ts"
import { formatDuration } from "../core/duration.ts"
import type { DesiredVrrp } from "../model/desired.ts"
import { defaultGarpDelayMs, defaultVersion } from "../model/keepalived.ts"
import type { Change, Notice } from "../model/plan.ts"
import { keepalivedWords } from "./keepalived-words.ts"

/** VRRP instances before and after, in the words of keepalived.conf. */
export function planVrrp(wanted: readonly DesiredVrrp[], actual: readonly DesiredVrrp[]): Change[] {
  const diff = diffByKey(
    wanted,
    actual,
    (instance) => instance.instance,
    (a, b) => describe(a, b).length === 0,
  )
  return [
    ...diff.add.map((instance) =>
      change(
        "add",
        instance.instance,
        `virtual_router_id ${instance.virtualRouterId}, priority ${instance.priority}, ${vips(instance.vips)}`,
        "low",
      ),
    ),
    ...diff.edit.flatMap(({ before, after }) =>
      describe(before, after).map((meaning) => change("edit", after.instance, meaning, "low")),
    ),
    ...diff.remove.map((instance) =>
      change("remove", instance.instance, `gives up ${vips(instance.vips)}`, "high"),
    ),
  ]
}

/**
 * Changes both directors must make at once, or both hold the VIPs meanwhile (DESIGN 12.14): keepalived takes the
 * peer's adverts for a stranger's.
 */
export function pairAtomic(
  host: string,
  wanted: readonly DesiredVrrp[],
  actual: readonly DesiredVrrp[],
): Notice[] {
  return wanted.flatMap((after) => {
    const before = actual.find((instance) => instance.instance === after.instance)
    if (before === undefined) return []
    const words: string[] = []
    if (before.virtualRouterId !== after.virtualRouterId) words.push("virtual_router_id")
    if ((before.unicastPeers.length === 0) !== (after.unicastPeers.length === 0))
      words.push("unicast")
    if (before.interface !== after.interface) words.push("interface")
    if (versionOf(before) !== versionOf(after)) words.push("version")
    return words.map((word) => ({
      host,
      message: `${after.instance}: a new ${word} makes both directors hold the VIPs until the second one has it too`,
      hint: "apply it when short double answers do no harm; the directors follow each other within seconds",
    }))
  })
}

function versionOf({ keepalived }: DesiredVrrp): number {
  return keepalived?.version ?? defaultVersion
}

function garpDelayOf({ keepalived }: DesiredVrrp): string {
  return formatDuration(keepalived?.garpMasterDelayMs ?? defaultGarpDelayMs)
}

function describe(before: DesiredVrrp, after: DesiredVrrp): string[] {
  const words: string[] = []
  const compare = (word: string, a: string, b: string): void => {
    if (a !== b) words.push(`${word} ${a} -> ${b}`)
  }
  compare("driver", before.driver ?? "keepalived", after.driver ?? "keepalived")
  compare("interface", before.interface, after.interface)
  compare("virtual_router_id", String(before.virtualRouterId), String(after.virtualRouterId))
  compare("priority", String(before.priority), String(after.priority))
  compare(
    "advert_int",
    formatDuration(before.advertIntervalMs),
    formatDuration(after.advertIntervalMs),
  )
  compare("preempt", String(before.preempt), String(after.preempt))
  compare("anchor", before.anchor, after.anchor)
  compare(
    "peers",
    before.unicastPeers.join(" ") || "multicast",
    after.unicastPeers.join(" ") || "multicast",
  )
  compare(
    "garp_master_refresh",
    formatDuration(before.garpRefreshMs),
    formatDuration(after.garpRefreshMs),
  )
  compare("version", String(versionOf(before)), String(versionOf(after)))
  compare("garp_master_delay", garpDelayOf(before), garpDelayOf(after))
  words.push(...keepalivedWords(before.keepalived, after.keepalived))
  for (const vip of after.vips) if (!before.vips.includes(vip)) words.push(`VIP ${vip} is added`)
  for (const vip of before.vips) if (!after.vips.includes(vip)) words.push(`VIP ${vip} is removed`)
  return words
}

function vips(list: readonly string[]): string {
  return list.length === 0 ? "no VIP" : `${list.length === 1 ? "VIP" : "VIPs"} ${list.join(", ")}`
}

function change(
  action: Change["action"],
  instance: string,
  meaning: string,
  risk: Change["risk"],
): Change {
  return { kind: "vrrp", action, subject: `vrrp_instance ${instance}`, meaning, risk }
}
