/** Numbers of the IPVS generic netlink family, from include/uapi/linux/ip_vs.h (the same in Linux 6.1 and 6.12). */
export const ipvsFamily = { name: "IPVS", version: 1 } as const

/** IPVS_CMD_* */
export const commands = {
  newService: 1,
  setService: 2,
  deleteService: 3,
  getService: 4,
  newDestination: 5,
  setDestination: 6,
  deleteDestination: 7,
  getDestination: 8,
  newDaemon: 9,
  deleteDaemon: 10,
  getDaemon: 11,
  setConfig: 12,
  getConfig: 13,
} as const

/** IPVS_CMD_ATTR_* */
export const commandAttributes = {
  service: 1,
  destination: 2,
  daemon: 3,
  timeoutTcp: 4,
  timeoutTcpFin: 5,
  timeoutUdp: 6,
} as const

/** IPVS_SVC_ATTR_* */
export const serviceAttributes = {
  family: 1,
  protocol: 2,
  address: 3,
  port: 4,
  fwmark: 5,
  scheduler: 6,
  flags: 7,
  timeout: 8,
  netmask: 9,
  stats: 10,
  persistenceEngine: 11,
  stats64: 12,
} as const

/** IPVS_DEST_ATTR_* */
export const destinationAttributes = {
  address: 1,
  port: 2,
  forwarding: 3,
  weight: 4,
  upperThreshold: 5,
  lowerThreshold: 6,
  activeConnections: 7,
  inactiveConnections: 8,
  persistentConnections: 9,
  stats: 10,
  family: 11,
  stats64: 12,
  tunnelType: 13,
  tunnelPort: 14,
  tunnelFlags: 15,
} as const

/** IPVS_DAEMON_ATTR_* */
export const daemonAttributes = {
  state: 1,
  interface: 2,
  syncId: 3,
  maxlen: 4,
  group: 5,
  group6: 6,
  port: 7,
  ttl: 8,
} as const

/** IPVS_STATS_ATTR_*: totals, then rates per second */
export const statsAttributes = {
  connections: 1,
  inPackets: 2,
  outPackets: 3,
  inBytes: 4,
  outBytes: 5,
  connectionRate: 6,
  inPacketRate: 7,
  outPacketRate: 8,
  inByteRate: 9,
  outByteRate: 10,
} as const

/** IP_VS_SVC_F_*; the kernel's own HASHED (2) is left out: it is no setting. */
export const serviceFlags = {
  persistent: 0x01,
  onePacket: 0x04,
  scheduler1: 0x08,
  scheduler2: 0x10,
  scheduler3: 0x20,
} as const

/** AF_INET, AF_INET6 (include/linux/socket.h) */
export const families = { 4: 2, 6: 10 } as const
/** IPPROTO_* (include/uapi/linux/in.h) */
export const protocols = { tcp: 6, udp: 17, sctp: 132 } as const
/** IP_VS_CONN_F_*, of which IP_VS_CONN_F_FWD_MASK holds the forwarding method */
export const forwardings = { nat: 0, local: 1, tun: 2, dr: 3, bypass: 4 } as const
export const forwardingMask = 0x07
/** IP_VS_CONN_F_TUNNEL_TYPE_* */
export const tunnelTypes = { ipip: 0, gue: 1, gre: 2 } as const
/** IP_VS_STATE_* */
export const daemonStates = { master: 1, backup: 2 } as const

/** The word that stands for a number in one of the tables above. */
export function wordOf<Word extends string>(
  table: Readonly<Record<Word, number>>,
  value: number | undefined,
): Word | undefined {
  for (const word in table) if (table[word] === value) return word
  return undefined
}
