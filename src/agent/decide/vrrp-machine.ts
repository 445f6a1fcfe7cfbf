import { compareAddresses } from "../../core/address.ts"
import { leastSilenceMs, masterDownMs, priorities, skewMs } from "./vrrp-timers.ts"

/** What one virtual router is told; it may change at any time. */
export interface RouterSettings {
  /** 1 to 255; 255 owns the addresses. */
  readonly priority: number
  readonly advertIntervalMs: number
  readonly preempt: boolean
  /** How long a master of lower priority is let be before it is preempted. */
  readonly preemptDelayMs: number
  /** Own address: the greater wins between equal priorities. */
  readonly source: string
  /** Time between two announcements of the addresses while master. */
  readonly announceEveryMs: number
}

/** The states of RFC 9568 section 6.3 (its Initialize, Backup, Active) and what each remembers; all times on one clock that nobody sets. */
export type RouterState =
  | { readonly kind: "init" }
  | {
      readonly kind: "backup"
      /** The interval the master told, Active_Adver_Interval. */
      readonly masterAdvertMs: number
      /** When the master counts as down. */
      readonly masterDownAtMs: number
      /** Since when a master of lower priority is heard, and let be for the delay of preemption. */
      readonly lowerSinceMs?: number
    }
  | {
      readonly kind: "master"
      readonly sentAtMs: number
      readonly advertAtMs: number
      readonly announceAtMs: number
    }

/** What happens to a virtual router. */
export type RouterEvent =
  /** Its interface can speak (again). */
  | { readonly type: "startup" }
  /** It is to end, to let go, or its interface is gone. */
  | { readonly type: "shutdown" }
  | {
      readonly type: "advert"
      readonly priority: number
      readonly advertIntervalMs: number
      readonly source: string
    }
  /** Time passed, or settings changed. */
  | { readonly type: "tick" }

/** What a virtual router wants done, in this order. */
export type RouterAction =
  | { readonly type: "send"; readonly priority: number }
  /** Hold the addresses: add what is missing. */
  | { readonly type: "acquire" }
  /** Gratuitous ARP and unsolicited neighbour advertisements for all addresses. */
  | { readonly type: "announce" }
  /** Give up every address. */
  | { readonly type: "release" }

export type RouterStep = readonly [RouterState, readonly RouterAction[]]

/** A router that speaks no VRRP yet. */
export const silentRouter: RouterState = { kind: "init" }
/** A second announcement follows soon after a takeover: the first may be lost (RFC 5227 section 2.3 has two, keepalived's garp_master_delay). */
const secondAnnouncementMs = 1000

/**
 * One step of a virtual router: RFC 9568 section 6.4 (RFC 5798's with the master's answer to lower adverts). Accept_Mode is always true:
 * IPVS takes packets that are for the host itself. Three things are this machine's own, each where the RFC is silent:
 * an own advert that comes back counts for nothing; after a lower advert the addresses are announced again, since routers may have
 * learnt the other's MAC; and a master without preempt that was itself silent long enough for another to take over yields to it.
 */
export function stepRouter(
  settings: RouterSettings,
  state: RouterState,
  event: RouterEvent,
  nowMs: number,
): RouterStep {
  switch (event.type) {
    case "startup":
      return state.kind === "init" ? start(settings, nowMs) : [state, []]
    case "shutdown":
      return [silentRouter, state.kind === "master" ? resign() : []]
    case "advert":
      return event.source === settings.source ? [state, []] : hear(settings, state, event, nowMs)
    case "tick":
      return pass(settings, state, nowMs)
    default:
      return event satisfies never
  }
}

/** When `tick` is due next; undefined when nothing but an event moves the router. */
export function routerDueMs(state: RouterState): number | undefined {
  switch (state.kind) {
    case "init":
      return undefined
    case "backup":
      return state.masterDownAtMs
    case "master":
      return Math.min(state.advertAtMs, state.announceAtMs)
    default:
      return state satisfies never
  }
}

/** A master again after its process was started anew, when nobody can have taken over since its last advert (`leastSilenceMs`). */
export function resumeMaster(settings: RouterSettings, nowMs: number): RouterStep {
  return becomeMaster(settings, nowMs)
}

/** RFC 9568 section 6.4.1 */
function start(settings: RouterSettings, nowMs: number): RouterStep {
  if (settings.priority === priorities.owner) return becomeMaster(settings, nowMs)
  return [backup(settings, settings.advertIntervalMs, nowMs), []]
}

function hear(
  settings: RouterSettings,
  state: RouterState,
  advert: RouterEvent & { readonly type: "advert" },
  nowMs: number,
): RouterStep {
  switch (state.kind) {
    case "init":
      return [state, []]
    case "backup":
      return [hearAsBackup(settings, state, advert, nowMs), []]
    case "master":
      return hearAsMaster(settings, state, advert, nowMs)
    default:
      return state satisfies never
  }
}

/** RFC 9568 section 6.4.2 */
function hearAsBackup(
  settings: RouterSettings,
  state: RouterState & { readonly kind: "backup" },
  advert: RouterEvent & { readonly type: "advert" },
  nowMs: number,
): RouterState {
  if (advert.priority === priorities.resigns) {
    const skewEndsMs = nowMs + skewMs(settings.priority, state.masterAdvertMs)
    return { ...state, masterDownAtMs: Math.min(state.masterDownAtMs, skewEndsMs) }
  }
  const heard = backup(settings, advert.advertIntervalMs, nowMs)
  if (!settings.preempt || advert.priority >= settings.priority) return heard
  const lowerSinceMs = state.lowerSinceMs ?? nowMs
  const preempts = nowMs - lowerSinceMs >= settings.preemptDelayMs
  return preempts ? { ...state, lowerSinceMs } : { ...heard, lowerSinceMs }
}

/** RFC 9568 section 6.4.3 */
function hearAsMaster(
  settings: RouterSettings,
  state: RouterState & { readonly kind: "master" },
  advert: RouterEvent & { readonly type: "advert" },
  nowMs: number,
): RouterStep {
  if (advert.priority === priorities.resigns) return sendAdvert(settings, state, nowMs)
  if (winsOver(advert, settings) || yields(settings, state, nowMs))
    return [backup(settings, advert.advertIntervalMs, nowMs), [{ type: "release" }]]
  const announceAtMs = Math.min(state.announceAtMs, nowMs + settings.advertIntervalMs)
  return sendAdvert(settings, { ...state, announceAtMs }, nowMs)
}

function pass(settings: RouterSettings, state: RouterState, nowMs: number): RouterStep {
  switch (state.kind) {
    case "init":
      return [state, []]
    case "backup":
      return nowMs >= state.masterDownAtMs ? becomeMaster(settings, nowMs) : [state, []]
    case "master": {
      const [sent, actions] =
        nowMs >= state.advertAtMs ? sendAdvert(settings, state, nowMs) : [state, []]
      if (nowMs < state.announceAtMs) return [sent, actions]
      const announceAtMs = nowMs + settings.announceEveryMs
      return [{ ...sent, announceAtMs }, [...actions, { type: "announce" }]]
    }
    default:
      return state satisfies never
  }
}

function becomeMaster(settings: RouterSettings, nowMs: number): RouterStep {
  return [
    {
      kind: "master",
      sentAtMs: nowMs,
      advertAtMs: nowMs + settings.advertIntervalMs,
      announceAtMs: nowMs + Math.min(secondAnnouncementMs, settings.announceEveryMs),
    },
    [{ type: "send", priority: settings.priority }, { type: "acquire" }, { type: "announce" }],
  ]
}

/** The next advert is due one interval after this one was, so that lateness does not add up; never at once. */
function sendAdvert(
  settings: RouterSettings,
  state: RouterState & { readonly kind: "master" },
  nowMs: number,
): readonly [RouterState & { readonly kind: "master" }, readonly RouterAction[]] {
  const { advertIntervalMs, priority } = settings
  const late = nowMs - state.advertAtMs
  const keepsPace = late >= 0 && late < advertIntervalMs
  const advertAtMs = (keepsPace ? state.advertAtMs : nowMs) + advertIntervalMs
  return [{ ...state, sentAtMs: nowMs, advertAtMs }, [{ type: "send", priority }]]
}

function backup(
  { priority }: RouterSettings,
  masterAdvertMs: number,
  nowMs: number,
): RouterState & { readonly kind: "backup" } {
  const masterDownAtMs = nowMs + masterDownMs(priority, masterAdvertMs)
  return { kind: "backup", masterAdvertMs, masterDownAtMs }
}

/** An advert of priority 0 lets the peer take over after its skew; by then the addresses are gone here. */
function resign(): readonly RouterAction[] {
  return [{ type: "release" }, { type: "send", priority: priorities.resigns }]
}

function winsOver(
  advert: { readonly priority: number; readonly source: string },
  { priority, source }: RouterSettings,
): boolean {
  if (advert.priority !== priority) return advert.priority > priority
  return compareAddresses(advert.source, source) > 0
}

/** Whether another may have taken over rightly while this master was silent (its process was stopped), and keeps what it has. */
function yields(
  { advertIntervalMs, preempt, priority }: RouterSettings,
  { sentAtMs }: RouterState & { readonly kind: "master" },
  nowMs: number,
): boolean {
  const silent = nowMs - sentAtMs > leastSilenceMs(advertIntervalMs)
  return silent && !preempt && priority !== priorities.owner
}
