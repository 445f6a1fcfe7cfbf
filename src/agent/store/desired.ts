import { family } from "../../core/address.ts"
import type { Problem } from "../../core/problem.ts"
import type { Result } from "../../core/result.ts"
import { err, ok } from "../../core/result.ts"
import type {
  DesiredServer,
  DesiredService,
  DesiredSync,
  DesiredVrrp,
  DirectorState,
} from "../../model/desired.ts"
import { operations, type AccessRule } from "../../model/access.ts"
import type { Watermark } from "../../model/fleet.ts"
import type { KeepalivedBlock, KeepalivedService, KeepalivedVrrp } from "../../model/keepalived.ts"
import type { IpvsTimeouts, Persistence, Tunnel } from "../../model/ipvs.ts"
import {
  destinationName,
  isCheckMark,
  keyFamily,
  schedulerFlags,
  schedulers,
  serviceName,
} from "../../model/ipvs.ts"
import { changeKinds, type MailRoute, type Notifications } from "../../model/notifications.ts"
import type { Check } from "../../core/shape.ts"
import { flag, list, object, oneOf, text, whole } from "../../core/shape.ts"
import { healthCheck } from "./check.ts"
import { address, markMatch, serviceKey, servicePort } from "./service-key.ts"

const most = 0x7fffffff
const port = whole(1, 65_535)
const milliseconds = whole(0, most)
const forwarding = oneOf("dr", "nat", "tun")
/** Instances name files, interfaces are at most 15 characters (IFNAMSIZ, linux/if.h). */
const instance = text(/^[A-Za-z0-9_.-]{1,64}$/)
const networkInterface = text(/^[^\s/]{1,15}$/)

const fraction: Check = (value, path) =>
  typeof value === "number" && value >= 0 && value <= 1
    ? []
    : [`${path} must be a number from 0 to 1`]

const tunnel = object<Tunnel>({ type: oneOf("ipip", "gue", "gre"), port }, ["port"])

const server = object<DesiredServer>(
  {
    host: text(),
    address,
    port: servicePort,
    weight: whole(0, most),
    upperThreshold: whole(0, most),
    lowerThreshold: whole(0, most),
    forwarding,
    tunnel,
  },
  ["tunnel"],
)

const service = object<DesiredService>(
  {
    name: text(),
    cluster: text(),
    ipvs: oneOf("keepalived"),
    key: serviceKey,
    matches: list(markMatch),
    scheduler: oneOf(...schedulers),
    flags: list(oneOf(...schedulerFlags)),
    onePacket: flag,
    persistence: object<Persistence>(
      { timeoutSeconds: whole(1, most), prefixLength: whole(0, 128), engine: oneOf("sip") },
      ["engine"],
    ),
    check: healthCheck,
    quorum: object({ up: whole(0, most), hysteresis: whole(0, most) }),
    watermark: object<Watermark>({ low: fraction, high: fraction }),
    allDown: oneOf("remove"),
    sorryServer: object({ address, port: servicePort, forwarding }),
    inhibitOnFailure: flag,
    initial: oneOf("up", "down"),
    slowStartMs: whole(1, most),
    drainTimeoutMs: milliseconds,
    keepalived: object<KeepalivedService>(
      {
        quorumUp: text(),
        quorumDown: text(),
        notifyUp: text(),
        notifyDown: text(),
        omega: flag,
      },
      ["quorumUp", "quorumDown", "notifyUp", "notifyDown", "omega"],
    ),
    servers: list(server),
  },
  [
    "ipvs",
    "matches",
    "persistence",
    "check",
    "watermark",
    "allDown",
    "initial",
    "slowStartMs",
    "sorryServer",
    "keepalived",
  ],
)

const block = object<KeepalivedBlock>({ head: text(), lines: list(text()) })
const keepalived = object<KeepalivedVrrp>({
  version: oneOf(2, 3),
  garpMasterDelayMs: milliseconds,
  definitions: list(block),
  lines: list(text()),
  blocks: list(block),
  scripts: flag,
})

/** One VRRP instance. */
export const vrrpShape = object<DesiredVrrp>(
  {
    cluster: text(),
    instance,
    host: text(),
    interface: networkInterface,
    virtualRouterId: whole(1, 255),
    priority: whole(1, 255),
    advertIntervalMs: whole(1, most),
    preempt: flag,
    driver: oneOf("native"),
    anchor: address,
    vips: list(address),
    source: address,
    unicastPeers: list(address),
    directors: list(text()),
    garpRefreshMs: milliseconds,
    lowestPeerPriority: whole(0, 255),
    keepalived,
  },
  ["host", "driver", "keepalived"],
)

/** Numbers as include/uapi/linux/ip_vs.h sizes them; the kernel takes no message size that its MTU bounds forbid. */
const sync = object<DesiredSync>(
  {
    instance,
    interface: networkInterface,
    id: whole(0, 255),
    group: address,
    port,
    ttl: whole(1, 255),
    maxlen: whole(1024, 65_487),
  },
  ["group", "port", "ttl", "maxlen"],
)

const seconds = whole(1, 31 * 86_400)
const timeouts = object<Partial<IpvsTimeouts>>({ tcp: seconds, tcpFin: seconds, udp: seconds }, [
  "tcp",
  "tcpFin",
  "udp",
])

const mailbox = text(/^[^\s@<>]+@[^\s@<>]+$/)
const notifications = object<Notifications>(
  {
    on: list(oneOf(...changeKinds)),
    minIntervalMs: milliseconds,
    command: list(text()),
    webhook: text(/^https?:/),
    mail: object<MailRoute>({
      from: mailbox,
      to: list(mailbox),
      server: object({ host: text(/./), port }),
    }),
  },
  ["command", "webhook", "mail"],
)

const access = object<AccessRule>(
  {
    cluster: text(),
    users: list(text(/./)),
    groups: list(text(/./)),
    operations: list(oneOf(...operations)),
    services: list(text(/./)),
    hosts: list(text(/./)),
  },
  ["services", "hosts"],
)

const director = object<DirectorState>(
  {
    format: oneOf(1),
    services: list(service),
    vrrp: list(vrrpShape),
    globalDefs: list(text()),
    statics: list(block),
    connectionSync: list(sync),
    timeouts,
    metrics: object({ listen: object({ address, port }) }),
    notifications,
    access: list(access),
  },
  ["globalDefs", "statics", "timeouts", "metrics", "notifications", "access"],
)

/** A director's desired state from the text of its file; all that is wrong with it otherwise. */
export function parseDirectorState(file: string): Result<DirectorState, Problem[]> {
  let value: unknown
  try {
    value = JSON.parse(file)
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    return err([{ rule: "agent-state", message: `this is not JSON: ${words}` }])
  }
  const shape = director(value, "")
  if (shape.length > 0) return err(shape.map(problem))
  // Every field of the type has been checked above.
  const state = value as DirectorState
  const contradictions = state.services.flatMap(contradictionsOf).concat(twice(state))
  return contradictions.length > 0 ? err(contradictions.map(problem)) : ok(state)
}

/** The name of a service, where it is well-formed. */
export function parseServiceKey(value: unknown): DesiredService["key"] | undefined {
  return serviceKey(value, "").length > 0 ? undefined : (value as DesiredService["key"])
}

function contradictionsOf(service: DesiredService): string[] {
  const name = serviceName(service.key)
  const { key } = service
  const portless =
    key.kind === "address" && key.port === 0 && service.persistence === undefined
      ? [`${name} is all ports, which needs persistence`]
      : []
  const version = keyFamily(key)
  const servers = service.servers.flatMap((item) => {
    const wrong = [
      ...(item.forwarding !== "tun" && family(item.address) !== version
        ? ["is of another address family; only tun can do that"]
        : []),
      ...(item.lowerThreshold > item.upperThreshold
        ? ["has a lower threshold above its upper one"]
        : []),
    ]
    return wrong.map((words) => `${name}: real server ${destinationName(item)} ${words}`)
  })
  return [...portless, ...servers, ...badMatches(service).map((words) => `${name} ${words}`)]
}

/** Only a firewall mark has something to match, of its own family; a private one is the checks'. */
function badMatches({ key, matches = [] }: DesiredService): string[] {
  if (key.kind === "address") return matches.length > 0 ? ["is no firewall mark to match by"] : []
  return [
    ...(isCheckMark(key.fwmark) ? ["is a mark of lbctl's own checks"] : []),
    ...(matches.length === 0 ? ["matches nothing"] : []),
    ...(matches.some((match) => family(match.address) !== key.family)
      ? ["matches another address family"]
      : []),
    ...(matches.some(({ first, last }) => last < first)
      ? ["matches a range of ports that ends before it begins"]
      : []),
  ]
}

function twice(state: DirectorState): string[] {
  const services = state.services.map((item) => serviceName(item.key))
  const servers = state.services.flatMap((item) =>
    repeated(item.servers.map(destinationName)).map(
      (server) => `${serviceName(item.key)} real server ${server}`,
    ),
  )
  const instances = state.vrrp.map((item) => `vrrp_instance ${item.instance}`)
  return [...repeated(services), ...servers, ...repeated(instances)].map(
    (name) => `${name} is there twice`,
  )
}

function repeated(names: readonly string[]): string[] {
  const seen = new Set<string>()
  return names.filter((name) => seen.has(name) || !seen.add(name))
}

function problem(message: string): Problem {
  return { rule: "agent-state", message }
}
