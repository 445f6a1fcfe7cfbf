import { spawnSync } from "node:child_process"
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { networkInterfaces, tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { staticBlocks } from "../../src/compile/keepalived-global.ts"
import { compileKeepalivedVrrp } from "../../src/compile/keepalived-vrrp.ts"
import { parseYaml } from "../../src/load/yaml.ts"
import type { KeepalivedVrrp as KeepalivedWords } from "../../src/schema/clusters.gen.ts"
import {
  emptyState,
  type DesiredServer,
  type DesiredService,
  type DesiredVrrp,
  type DirectorState,
  type HostView,
} from "../../src/model/desired.ts"
import { schedulers, type Forwarding, type Protocol } from "../../src/model/ipvs.ts"
import { bundleOf, contentOf, directorView, installed, service, vrrp } from "./fixtures.ts"

function server(forwarding: Forwarding, changes: Partial<DesiredServer> = {}): DesiredServer {
  const limits = { upperThreshold: 0, lowerThreshold: 0 }
  return {
    host: "rs1",
    address: "10.0.0.21",
    port: 443,
    weight: 1,
    ...limits,
    forwarding,
    ...changes,
  }
}

const rhythm = {
  intervalMs: 6000,
  timeoutMs: 250,
  retries: 0,
  delayBeforeRetryMs: 0,
  rise: 1,
  via: "address",
} as const

/** One with nearly every word that a service can have. */
function keepalivedService(changes: Partial<DesiredService> = {}): DesiredService {
  return service({
    ipvs: "keepalived",
    key: { kind: "address", protocol: "tcp", address: "192.0.2.10", port: 443 },
    scheduler: "sh",
    flags: ["sh-fallback"],
    persistence: { timeoutSeconds: 50, prefixLength: 22 },
    check: {
      ...rhythm,
      type: "http",
      path: "/healthz?a=b&c",
      status: [200, { from: 301, to: 308 }],
      port: 8080,
    },
    quorum: { up: 2, hysteresis: 1 },
    sorryServer: { address: "192.0.2.99", port: 443, forwarding: "tun" },
    inhibitOnFailure: true,
    drainTimeoutMs: 0,
    servers: [
      server("tun", {
        tunnel: { type: "gue", port: 6080 },
        upperThreshold: 100,
        lowerThreshold: 50,
      }),
      server("tun", { address: "10.0.0.22", tunnel: { type: "gre" } }),
    ],
    ...changes,
  })
}

const nameCheck = {
  ...rhythm,
  type: "dns",
  name: "www.example.org",
  recordType: "AAAA",
  rcode: "NOERROR",
  transport: "udp",
} as const

const command = ["/bin/test", "-e", "/etc/passwd"]

const echoCheck = {
  ...rhythm,
  type: "udp",
  port: 5000,
  payload: "hex:ffffffff54",
  reply: "ok",
  requireReply: true,
} as const

/** Services by every scheduler, protocol, forwarding, family and kind of check. */
/** As long as it is root's, keepalived's test takes every program. */
const programs = {
  quorumUp: "/bin/true up",
  quorumDown: "/bin/true down",
  notifyUp: "/bin/true",
  notifyDown: "/bin/true",
  omega: true,
} as const

function everyService(): DesiredService[] {
  const port = (index: number, protocol: Protocol = "tcp", address = "192.0.2.10") =>
    ({ kind: "address", protocol, address, port: index }) as const
  const { persistence: _p, sorryServer: _s, ...plain } = keepalivedService({ flags: [] })
  const bySchedulers = schedulers.map((scheduler, index) => ({
    ...plain,
    key: port(443, "tcp", `192.0.2.${100 + index}`),
    scheduler,
  }))
  const pool = [server("nat"), server("nat", { address: "10.0.0.22", weight: 65_535 })]
  const { check: _c, ...unchecked } = plain
  const marked = ([4, 6] as const).map((version) => ({
    ...plain,
    key: { kind: "fwmark", fwmark: 12, family: version } as const,
    matches: [
      {
        address: version === 4 ? "192.0.2.30" : "2001:db8::30",
        protocol: "tcp" as const,
        first: 80,
        last: 81,
      },
    ],
    scheduler: "rr" as const,
    quorum: { up: 1, hysteresis: 0 },
    persistence: { timeoutSeconds: 300, prefixLength: version === 4 ? 32 : 128 },
    servers: [server("dr", { address: version === 4 ? "10.0.0.21" : "fd00::21", port: 0 })],
  }))
  return [
    ...bySchedulers,
    keepalivedService(),
    keepalivedService({
      key: port(443, "tcp", "192.0.2.21"),
      initial: "down",
      keepalived: programs,
    }),
    keepalivedService({
      key: port(443, "tcp", "192.0.2.20"),
      scheduler: "mh",
      flags: ["mh-fallback", "mh-port"],
    }),
    { ...plain, key: port(2), flags: ["sh-port"], servers: pool },
    {
      ...unchecked,
      key: port(5060, "udp"),
      scheduler: "rr",
      onePacket: true,
      persistence: { timeoutSeconds: 2_678_400, prefixLength: 1, engine: "sip" },
      servers: pool,
    },
    {
      ...plain,
      key: port(9),
      servers: pool,
      check: {
        ...rhythm,
        type: "https",
        path: "/a",
        host: "www.example.net",
        status: [{ from: 200, to: 299 }],
        digest: "9b3a0c85a887a256d6939da88aabd8cd",
        urls: [{ path: "/b", status: [204] }],
      },
    },
    { ...unchecked, key: port(7, "sctp"), scheduler: "lc", servers: pool },
    { ...plain, key: port(53, "udp"), servers: pool, check: nameCheck },
    { ...plain, key: port(54, "udp"), servers: pool, check: echoCheck },
    {
      ...plain,
      key: port(55, "udp"),
      servers: pool,
      check: { ...rhythm, type: "udp", payload: "a", requireReply: false },
    },
    {
      ...plain,
      key: port(25),
      servers: pool,
      check: { ...rhythm, type: "smtp", heloName: "lb.example.org" },
    },
    {
      ...plain,
      key: port(26),
      servers: pool,
      check: { ...rhythm, timeoutMs: 3000, type: "external", command, user: "nobody" },
    },
    {
      ...plain,
      key: port(27),
      servers: pool,
      check: {
        ...rhythm,
        timeoutMs: 1000,
        type: "external",
        command,
        user: "nobody",
        weightByExitCode: true,
      },
    },
    { ...plain, key: port(10, "sctp"), servers: pool, check: { ...rhythm, type: "icmp" } },
    ...marked,
    {
      ...plain,
      key: port(8, "tcp", "2001:db8::10"),
      scheduler: "wlc",
      persistence: { timeoutSeconds: 1, prefixLength: 64 },
      check: { ...rhythm, intervalMs: 86_400_000, timeoutMs: 4_000_000, type: "tcp" },
      sorryServer: { address: "2001:db8::99", port: 8, forwarding: "dr" },
      servers: [
        server("dr", { address: "fd00::21", port: 8 }),
        server("dr", { address: "fd00::22", port: 8, weight: 0 }),
        server("dr", { address: "fd00::23", port: 8 }),
      ],
    },
  ]
}

/** A director of two clusters in one sync group. */
function groupedDirector(at: { readonly interface: string }): DirectorState {
  const osaka = { instance: "osaka", cluster: "osaka", virtualRouterId: 52, vips: ["192.0.2.20"] }
  const [first, second] = [vrrp(at), vrrp({ ...at, ...osaka, anchor: "169.254.255.52" })]
  const group = {
    name: "both",
    clusters: [first.instance, second.instance],
    lines: ["smtp_alert true", 'notify_master "/bin/true master"'],
  }
  const none = { globalDefs: [], addresses: new Map(), routes: [], rules: [] }
  const statics = staticBlocks("lb1", new Set(group.clusters), { ...none, syncGroups: [group] })
  return { format: 1, services: [], vrrp: [first, second], connectionSync: [], statics }
}

/** A director with everything that `keepalived` of a cluster can say. */
function directorOf(at: { readonly interface: string }): DirectorState {
  const words = parseYaml(
    `
version: 2
preempt_delay: 1.5s
dont_track_primary: true
higher_prio_send_advert: true
lower_prio_no_advert: false
garp_master_delay: 0s
garp_master_repeat: 3
garp_master_refresh_repeat: 2
garp_lower_prio_delay: 2s
garp_lower_prio_repeat: 1
track_interface: { lo: { weight: -20 } }
track_script: { up: { script: "/bin/test -e /etc", interval: 2s, timeout: 1s, rise: 2, fall: 3, init_fail: true, weight: 5 } }
track_process: { shell: { process: sh, full_command: true, quorum: 2, weight: -5 } }
track_file: { manual: { file: /dev/null, weight: -1 } }
notify_master: /bin/true master
notify_backup: /bin/true
notify_fault: /bin/true
notify_stop: /bin/true
notify: /bin/true
smtp_alert: true
virtual_routes: [ "192.0.2.0/24 via 10.0.0.1 dev ${at.interface}" ]
virtual_rules: [ "from 192.0.2.0/24 table 100 priority 100" ]
`,
    "words.yml",
  )
  if (!words.ok) throw new Error("not YAML")
  const keepalived = compileKeepalivedVrrp(words.value.value as KeepalivedWords, "tokyo")
  const instance = { ...vrrp({ ...at, preempt: true, vips: ["192.0.2.10"] }), keepalived }
  return { format: 1, services: [], vrrp: [instance], connectionSync: [] }
}

const keepalivedConf = "/etc/keepalived/keepalived.conf"

describe("a director's keepalived.conf", () => {
  it("speaks VRRPv3 for the anchor and carries the VIPs along", () => {
    expect(withoutComments(contentOf(bundleOf(directorView()), keepalivedConf))).toBe(`\
global_defs {
    router_id lb1
    vrrp_version 3
    reload_check_config
    max_auto_priority 20
    vrrp_rlimit_rttime 10000000
}
track_file tokyo {
    file /var/lib/lbctl/agent/vrrp/tokyo
    weight 1
}
vrrp_instance tokyo {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 150
    advert_int 1
    nopreempt
    unicast_src_ip 10.0.0.11
    unicast_peer {
        10.0.0.12
    }
    garp_master_delay 1
    garp_master_refresh 1
    track_file {
        tokyo
    }
    virtual_ipaddress {
        169.254.255.51/32 dev eth0 scope link
    }
    virtual_ipaddress_excluded {
        192.0.2.10/32 dev eth0
        2001:db8::10/128 dev eth0
    }
}
`)
  })

  it("multicasts without unicast peers, preempts when told, and writes fractions of a second", () => {
    const instance = vrrp({ unicastPeers: [], preempt: true, advertIntervalMs: 250, vips: [] })
    const conf = contentOf(bundleOf(directorView([instance])), keepalivedConf)
    expect(conf).toContain("mcast_src_ip 10.0.0.11")
    expect(conf).toContain("advert_int 0.25")
    for (const word of ["unicast", "nopreempt", "virtual_ipaddress_excluded"])
      expect(conf).not.toContain(word)
  })

  const [interfaceName = "lo"] = Object.keys(networkInterfaces()).filter((name) => name !== "lo")
  const at = { interface: interfaceName }
  const views: Record<string, HostView> = {
    "one instance": directorView([vrrp(at)]),
    "multicast, preemption, no VIP": directorView([
      vrrp({ ...at, unicastPeers: [], preempt: true, advertIntervalMs: 250, vips: [] }),
    ]),
    "two instances, one of IPv6": directorView([
      vrrp(at),
      vrrp({
        ...at,
        instance: "osaka",
        virtualRouterId: 52,
        anchor: "fd00::52",
        source: "fd00::11",
        unicastPeers: ["fd00::12", "fd00::13"],
        vips: ["2001:db8::20", "192.0.2.20"],
      }),
    ]),
    "clusters that move together": {
      ...directorView([]),
      director: { ...groupedDirector(at) },
    },
    "all that keepalived has for itself": {
      ...directorView([]),
      director: {
        ...directorOf(at),
        globalDefs: ["vrrp_startup_delay 1.5", "vrrp_priority -10"],
        statics: [
          { head: "static_ipaddress", lines: [`10.9.9.1/24 dev ${at.interface} scope global`] },
          { head: "static_routes", lines: [`192.0.2.0/24 via 10.9.9.2 dev ${at.interface}`] },
          { head: "static_rules", lines: ["from 192.0.2.0/24 table 100 priority 100"] },
        ],
      },
    },
    "virtual servers of every kind": directorView([vrrp(at)], everyService()),
    "an IPv6 link-local anchor": directorView([
      vrrp({ ...at, anchor: "fe80::51", source: "fe80::1", unicastPeers: [] }),
    ]),
  }
  it("has a virtual_server for each service that keepalived programs, and for no other", () => {
    const services = [keepalivedService(), service({ name: "own" })]
    const conf = contentOf(bundleOf(directorView([vrrp()], services)), keepalivedConf)
    expect(withoutComments(conf).replace(/^[^]*?(?=virtual_server)/, "")).toBe(`\
virtual_server 192.0.2.10 443 {
    protocol TCP
    lvs_sched sh
    sh-fallback
    lvs_method TUN type gue port 6080
    persistence_timeout 50
    persistence_granularity 255.255.252.0
    delay_loop 6
    quorum 2
    hysteresis 1
    sorry_server 192.0.2.99 443
    sorry_server_lvs_method TUN
    real_server 10.0.0.21 443 {
        weight 1
        lvs_method TUN type gue port 6080
        uthreshold 100
        lthreshold 50
        inhibit_on_failure
        HTTP_GET {
            connect_port 8080
            connect_timeout 0.25
            retry 0
            delay_before_retry 0
            url {
                path "/healthz?a=b&c"
                status_code 200 301-308
                virtualhost "192.0.2.10:8080"
            }
        }
    }
    real_server 10.0.0.22 443 {
        weight 1
        lvs_method TUN type gre
        inhibit_on_failure
        HTTP_GET {
            connect_port 8080
            connect_timeout 0.25
            retry 0
            delay_before_retry 0
            url {
                path "/healthz?a=b&c"
                status_code 200 301-308
                virtualhost "192.0.2.10:8080"
            }
        }
    }
}
`)
  })

  it("runs programs with the names of what changed, securely, and takes new real servers for down", () => {
    const servers = [server("dr")]
    const told = keepalivedService({ servers, initial: "down", keepalived: programs })
    const conf = contentOf(bundleOf(directorView([vrrp()], [told])), keepalivedConf)
    expect(conf).toContain("    enable_script_security\n")
    expect(withoutComments(conf)).toContain(`
    alpha
    quorum_up "/bin/true up web 192.0.2.10 443"
    quorum_down "/bin/true down web 192.0.2.10 443"
    omega
`)
    expect(conf).toContain(`
        notify_up "/bin/true web rs1 10.0.0.21 443"
        notify_down "/bin/true web rs1 10.0.0.21 443"
`)
    const globalDefs = ["startup_script /bin/true"]
    const raw = { ...emptyState, vrrp: [vrrp()], globalDefs }
    const alone = bundleOf({ ...directorView(), director: raw })
    expect(contentOf(alone, keepalivedConf)).toContain("    enable_script_security\n")
    const silent = bundleOf(directorView([vrrp()], [keepalivedService({ servers })]))
    expect(contentOf(silent, keepalivedConf)).not.toMatch(/enable_script_security|alpha|omega/)
  })

  it.each([
    [
      nameCheck,
      `DNS_CHECK { connect_port 443 connect_timeout 0.25 retry 0 delay_before_retry 0 type AAAA name www.example.org }`,
    ],
    [
      echoCheck,
      `UDP_CHECK { connect_port 5000 connect_timeout 0.25 retry 0 delay_before_retry 0 payload ffffffff54 require_reply 6f6b min_reply_length 2 max_reply_length 65507 }`,
    ],
    [
      { ...rhythm, type: "udp", payload: "a", requireReply: false } as const,
      `UDP_CHECK { connect_port 443 connect_timeout 0.25 retry 0 delay_before_retry 0 payload 61 }`,
    ],
    [
      { ...rhythm, type: "smtp" } as const,
      `SMTP_CHECK { connect_port 443 connect_timeout 0.25 retry 0 delay_before_retry 0 }`,
    ],
    [
      { ...rhythm, type: "icmp" } as const,
      `PING_CHECK { connect_timeout 0.25 retry 0 delay_before_retry 0 }`,
    ],
    [
      {
        ...rhythm,
        timeoutMs: 1000,
        type: "external",
        command,
        user: "nobody",
        weightByExitCode: true,
      } as const,
      `MISC_CHECK { retry 0 delay_before_retry 0 misc_path "/usr/local/lib/lbctl/misc-check nobody LBCTL_ADDRESS=10.0.0.21 LBCTL_PORT=443 LBCTL_VIP=192.0.2.10 LBCTL_TIMEOUT_MS=1000 /bin/test -e /etc/passwd" misc_timeout 1 misc_dynamic }`,
    ],
  ])("has the checker of each check that keepalived can do: %j", (check, checker) => {
    const servers = [server("dr")]
    const view = directorView([vrrp()], [keepalivedService({ check, servers })])
    const words = contentOf(bundleOf(view), keepalivedConf).replaceAll(/\s+/g, " ")
    expect(words).toContain(checker)
  })

  it("has one by firewall mark without protocol, which keepalived would warn of, and with its family", () => {
    const service = keepalivedService({
      key: { kind: "fwmark", fwmark: 12, family: 6 },
      matches: [{ address: "2001:db8::30", protocol: "tcp", first: 80, last: 81 }],
      persistence: { timeoutSeconds: 300, prefixLength: 64 },
      servers: [server("dr", { address: "fd00::21", port: 0 })],
    })
    const text = contentOf(bundleOf(directorView([vrrp()], [service])), keepalivedConf)
    expect(text).toContain("virtual_server fwmark 12 {\n    ip_family inet6\n    lvs_sched sh\n")
    expect(text).toContain("persistence_granularity 64\n")
    expect(text).toContain("real_server fd00::21 0 {")
    expect(text).not.toMatch(/^ {4}protocol/m)
  })

  it("needs iptables, and makes it ready for the agent, only for firewall marks of the family", () => {
    const marked = (version: 4 | 6): DesiredService =>
      service({
        key: { kind: "fwmark", fwmark: 12, family: version },
        matches: [
          { address: version === 4 ? "192.0.2.30" : "::30", protocol: "tcp", first: 80, last: 80 },
        ],
      })
    const needs = (...services: DesiredService[]) => {
      const bundle = bundleOf(directorView([vrrp()], services))
      const unit = contentOf(bundle, "/etc/systemd/system/lbagent.service")
      return [
        ...bundle.requires.map(({ command }) => command).filter((name) => name.includes("tables")),
        ...(unit.match(/(?<=^ExecStartPre=-\+)ip6?tables/gm) ?? []),
      ]
    }
    expect(needs(service())).toEqual([])
    expect(needs(marked(4))).toEqual(["iptables-restore", "iptables"])
    expect(needs(marked(6), service())).toEqual(["ip6tables-restore", "ip6tables"])
  })

  it("gives keepalived the time that a large table takes to stop", () => {
    const many = Array.from({ length: 1001 }, (_, index) => ({
      ...server("dr"),
      address: `10.1.${index >> 8}.${index & 255}`,
    }))
    const conf = (count: number) =>
      contentOf(
        bundleOf(directorView([vrrp()], [keepalivedService({ servers: many.slice(0, count) })])),
        keepalivedConf,
      )
    expect(conf(1001)).toContain("\nchild_wait_time 60\n")
    expect(conf(1000)).not.toContain("child_wait_time")
  })

  it.skipIf(!installed("keepalived"))("passes keepalived's own test", () => {
    for (const [name, view] of Object.entries(views)) {
      inFolder((folder) => {
        const file = join(folder, "keepalived.conf")
        writeFileSync(file, contentOf(bundleOf(view), keepalivedConf), { mode: 0o640 })
        const { status, stderr } = spawnSync("keepalived", ["-t", "-f", file], { encoding: "utf8" })
        expect({ name, status, stderr }).toEqual({ name, status: 0, stderr: "" })
      })
    }
  })
})

describe("a director's bundle", () => {
  it("has its files, units and handlers in the order that keeps traffic flowing", () => {
    const bundle = bundleOf(directorView())
    expect(bundle.files.map(({ path, mode, notify }) => [path, mode, ...notify])).toEqual([
      ["/etc/keepalived/keepalived.conf", "0640", "keepalived-reload"],
      ["/etc/lbctl/agent.json", "0644", "lbagent-reload"],
      ["/etc/modules-load.d/lbctl-director.conf", "0644"],
      ["/etc/sysctl.d/90-lbctl-director.conf", "0644"],
      ["/etc/systemd/system/keepalived.service.d/lbctl.conf", "0644"],
      ["/etc/systemd/system/lbagent.service", "0644", "lbagent-restart"],
      ["/var/lib/lbctl/agent/vrrp/README", "0644"],
    ])
    expect(bundle.units.map(({ name }) => name)).toEqual(["lbagent.service", "keepalived.service"])
    expect(bundle.handlers.map(({ name, run }) => [name, ...run])).toEqual([
      ["lbagent-restart", "systemctl", "restart", "lbagent.service"],
      ["lbagent-reload", "/opt/lbctl/agent/a1b2/lbagent", "reload"],
      ["keepalived-reload", "/opt/lbctl/agent/a1b2/lbagent", "reload-keepalived"],
    ])
    expect(bundle.agent).toBe("a1b2")
    expect(bundle.modules).toEqual(["ip_vs"])
  })

  it("gives the agent its state and lets it judge it first", () => {
    const view = directorView()
    const bundle = bundleOf(view)
    expect(JSON.parse(contentOf(bundle, "/etc/lbctl/agent.json"))).toEqual(view.director)
    const file = bundle.files.find(({ path }) => path === "/etc/lbctl/agent.json")
    expect(file?.validate).toEqual(["/opt/lbctl/agent/a1b2/lbagent", "check", "%s"])
  })

  it("sets what DR with checks through the VIP needs, each VRRP interface once", () => {
    const instances = [
      vrrp({ interface: "eth0.100" }),
      vrrp({ instance: "osaka", interface: "eth0.100", virtualRouterId: 52 }),
    ]
    const bundle = bundleOf(directorView(instances))
    expect(bundle.sysctls).toEqual([
      { key: "net.ipv4.vs.conntrack", value: "0" },
      { key: "net.ipv4.vs.expire_nodest_conn", value: "1" },
      { key: "net.ipv4.vs.expire_quiescent_template", value: "1" },
      { key: "net/ipv4/conf/eth0.100/accept_local", value: "1" },
      { key: "net/ipv4/conf/eth0.100/rp_filter", value: "2" },
    ])
    expect(contentOf(bundle, "/etc/sysctl.d/90-lbctl-director.conf")).toContain(
      "\nnet/ipv4/conf/eth0.100/rp_filter = 2\n",
    )
  })

  it("routes only when some service is nat, and then leaves conntrack and the checks' sysctls alone", () => {
    const nat = service()
    const bundle = bundleOf(
      directorView(
        [vrrp()],
        [
          {
            ...nat,
            ...(nat.check === undefined
              ? {}
              : { check: { ...nat.check, via: "address" as const } }),
            servers: nat.servers.map((server) => ({ ...server, forwarding: "nat" as const })),
          },
        ],
      ),
    )
    expect(bundle.sysctls.map(({ key }) => key)).toEqual([
      "net.ipv4.vs.expire_nodest_conn",
      "net.ipv4.vs.expire_quiescent_template",
      "net.ipv4.ip_forward",
    ])
  })

  it.skipIf(!installed("systemd-analyze"))("has units that systemd takes", () => {
    inFolder((folder) => {
      const agent = join(folder, "lbagent")
      writeFileSync(agent, "#!/bin/sh\n")
      chmodSync(agent, 0o755)
      const bundle = bundleOf({ ...directorView(), agent: { id: "a1b2", path: folder } })
      mkdirSync(join(folder, "keepalived.service.d"))
      writeFileSync(join(folder, "keepalived.service"), "[Service]\nExecStart=/bin/true\n")
      for (const unit of ["lbagent.service", "keepalived.service.d/lbctl.conf"])
        writeFileSync(join(folder, unit), contentOf(bundle, `/etc/systemd/system/${unit}`))
      const { status, stderr } = spawnSync(
        "systemd-analyze",
        ["verify", "lbagent.service", "keepalived.service"],
        { encoding: "utf8", env: { ...process.env, SYSTEMD_UNIT_PATH: `${folder}:` } },
      )
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
    })
  })
})

function withoutComments(text: string): string {
  return text
    .split("\n")
    .filter((line, index, all) => !/^\s*#/.test(line) && (line !== "" || index === all.length - 1))
    .join("\n")
}

function inFolder(use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "lbctl-render-"))
  try {
    use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe("a director whose agent speaks VRRP", () => {
  const native = vrrp({ driver: "native" })
  const other = vrrp({ instance: "osaka", virtualRouterId: 52 })
  const unit = "/etc/systemd/system/lbagent.service"
  const keepalivedFiles = (views: readonly DesiredVrrp[]) =>
    bundleOf(directorView(views))
      .files.map(({ path }) => path)
      .filter((path) => path.includes("keepalived"))

  it("has nothing of keepalived", () => {
    const bundle = bundleOf(directorView([native]))
    expect(keepalivedFiles([native])).toEqual([])
    expect(bundle.units.map(({ name }) => name)).toEqual(["lbagent.service"])
    expect(bundle.requires.map(({ command }) => command)).toEqual(["systemctl"])
  })

  it("has keepalived for the other cluster where one needs it, and only for that", () => {
    expect(keepalivedFiles([native, other])).toHaveLength(2)
    const conf = contentOf(bundleOf(directorView([native, other])), keepalivedConf)
    expect(conf.match(/vrrp_instance \w+/g)).toEqual(["vrrp_instance osaka"])
  })

  it("lets the agent have a real-time priority, and no other does", () => {
    const text = contentOf(bundleOf(directorView([native])), unit)
    expect(text).toMatch(/^CapabilityBoundingSet=(.* )?CAP_SYS_NICE$/m)
    expect(text).not.toContain("RestrictRealtime")
    const plain = contentOf(bundleOf(directorView([other])), unit)
    expect(plain).toContain("RestrictRealtime=yes")
    expect(plain).not.toMatch(/SYS_NICE|LimitRTTIME/)
  })
})
