import type { Traffic } from "../../model/traffic.ts"
import type { AttributeReader } from "./attribute-reader.ts"
import { statsAttributes as attributes } from "./ipvs-constants.ts"

/** Counters of a service or a real server since it was added or zeroed, and what passes now. */
export interface TrafficReading {
  readonly traffic: Traffic
  /** Per second. */
  readonly rates: Traffic
}

/**
 * Totals and rates of one IPVS_*_ATTR_STATS64 or _STATS. Both come from the kernel's estimator, which reads its counters
 * every two seconds and smooths rates over some readings (net/netfilter/ipvs/ip_vs_est.c).
 */
export function readTraffic(stats: AttributeReader | undefined): TrafficReading {
  const read = (type: number) => stats?.counter(type) ?? 0
  return {
    traffic: {
      connections: read(attributes.connections),
      inPackets: read(attributes.inPackets),
      outPackets: read(attributes.outPackets),
      inBytes: read(attributes.inBytes),
      outBytes: read(attributes.outBytes),
    },
    rates: {
      connections: read(attributes.connectionRate),
      inPackets: read(attributes.inPacketRate),
      outPackets: read(attributes.outPacketRate),
      inBytes: read(attributes.inByteRate),
      outBytes: read(attributes.outByteRate),
    },
  }
}
