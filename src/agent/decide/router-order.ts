import { compareAddresses } from "../../core/address.ts"
import type { DesiredVrrp } from "../../model/desired.ts"
import { faultValue } from "./vrrp.ts"
import type { RouterSettings } from "./vrrp-machine.ts"
import { leastSilenceMs, priorities } from "./vrrp-timers.ts"

/** Whose advert went where. */
export interface AdvertPath {
  readonly virtualRouterId: number
  readonly source: string
  readonly destination: string
}

/** What the engine has the VRRP process do for one instance. */
export interface RouterOrder {
  readonly vrrp: DesiredVrrp
  /** Added to the priority, as keepalived adds a tracked file's number; at -254 and below the instance is in FAULT. */
  readonly tracked: number
}

/** The settings of the order's virtual router. */
export function routerSettings({ vrrp, tracked }: RouterOrder): RouterSettings {
  const lowered = Math.max(1, Math.min(priorities.owner - 1, vrrp.priority + tracked))
  return {
    priority: vrrp.priority === priorities.owner ? priorities.owner : lowered,
    advertIntervalMs: vrrp.advertIntervalMs,
    preempt: vrrp.preempt,
    preemptDelayMs: 0,
    source: vrrp.source,
    announceEveryMs: vrrp.garpRefreshMs === 0 ? Infinity : vrrp.garpRefreshMs,
  }
}

/** Whether the instance has to let go, and to stay so until it is told otherwise. */
export function mustLetGo({ tracked }: RouterOrder): boolean {
  return tracked <= faultValue
}

/** Every address that its master holds; the first is the one that VRRP itself carries. */
export function routerAddresses({ vrrp }: RouterOrder): readonly string[] {
  return [vrrp.anchor, ...vrrp.vips.filter((vip) => vip !== vrrp.anchor)]
}

/** Where adverts go; `group` is the multicast group of its family. */
export function advertDestinations({ vrrp }: RouterOrder, group: string): readonly string[] {
  return vrrp.unicastPeers.length > 0 ? vrrp.unicastPeers : [group]
}

/** Whether two orders are one virtual router to its peers; it starts anew otherwise. */
export function isSameRouter({ vrrp: a }: RouterOrder, { vrrp: b }: RouterOrder): boolean {
  return (
    a.interface === b.interface &&
    a.virtualRouterId === b.virtualRouterId &&
    a.source === b.source &&
    (a.unicastPeers.length === 0) === (b.unicastPeers.length === 0)
  )
}

/** Whether an advert is of this virtual router, and from one who may say so: among unicast peers only they. */
export function isForRouter(
  { vrrp }: RouterOrder,
  { virtualRouterId, source, destination }: AdvertPath,
  group: string,
): boolean {
  if (virtualRouterId !== vrrp.virtualRouterId || source === vrrp.source) return false
  if (vrrp.unicastPeers.length === 0) return destination === group
  return (
    destination === vrrp.source &&
    vrrp.unicastPeers.some((peer) => compareAddresses(peer, source) === 0)
  )
}

/** Whether a process that was started anew may go on as master: nobody can have taken over since the former one's last advert. */
export function mayResume(
  { vrrp }: RouterOrder,
  sentAtMs: number | undefined,
  nowMs: number,
): boolean {
  if (sentAtMs === undefined) return false
  const silentMs = nowMs - sentAtMs
  return silentMs >= 0 && silentMs < leastSilenceMs(vrrp.advertIntervalMs)
}
