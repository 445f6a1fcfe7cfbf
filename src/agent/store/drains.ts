import { flag, list, object, oneOf, parseShape, text, whole } from "../../core/shape.ts"
import type { IpvsDestination, Persistence, Tunnel } from "../../model/ipvs.ts"
import { schedulerFlags } from "../../model/ipvs.ts"
import type { ServiceHead } from "../../plan/ipvs-runtime.ts"
import type { Drain } from "../decide/drain.ts"
import { serviceKey, servicePort } from "./service-key.ts"

const most = 0xffffffff
const instant = whole(0, Number.MAX_SAFE_INTEGER)

const drains = list(
  object<Drain>(
    {
      service: object<ServiceHead>(
        {
          key: serviceKey,
          scheduler: text(),
          flags: list(oneOf(...schedulerFlags)),
          onePacket: flag,
          persistence: object<Persistence>(
            { timeoutSeconds: whole(1, most), prefixLength: whole(0, 128), engine: text() },
            ["engine"],
          ),
        },
        ["persistence"],
      ),
      destination: object<IpvsDestination>(
        {
          address: text(),
          port: servicePort,
          forwarding: oneOf("dr", "nat", "tun", "local", "bypass"),
          weight: whole(0, most),
          upperThreshold: whole(0, most),
          lowerThreshold: whole(0, most),
          tunnel: object<Tunnel>({ type: oneOf("ipip", "gue", "gre"), port: servicePort }, [
            "port",
          ]),
        },
        ["tunnel"],
      ),
      sinceMs: instant,
      untilMs: instant,
      idleSinceMs: instant,
    },
    ["idleSinceMs"],
  ),
)

/** Drains from the text of their file; undefined when it is damaged. */
export function parseDrains(file: string): readonly Drain[] | undefined {
  return parseShape(drains, file) as readonly Drain[] | undefined
}

/** Drains of a former process: none lasts longer from now on than it was to last as a whole, whatever became of the clock. */
export function resumedDrains(kept: readonly Drain[], nowMs: number): Drain[] {
  return kept.map(({ service, destination, sinceMs, untilMs: endMs }) => {
    const untilMs = Math.min(endMs, nowMs + endMs - sinceMs)
    return { service, destination, sinceMs, untilMs }
  })
}
