import { describe, expect, it } from "vitest"
import { rules } from "../../src/validate/rules.ts"
import type { HostSource, Sources } from "../compile/fixtures.ts"
import { brief, fleetOf, tokyoClusters, tokyoHosts } from "../compile/fixtures.ts"

const cluster = (name: string, more = "", vrid = 51) => `
  ${name}:
    directors: lb
    real_servers: web
    vrrp: { interface: eth0, virtual_router_id: ${vrid}${more} }`

const service = (name: string, body: string, vip = "192.0.2.10") => `
  ${name}:
    cluster: tokyo
    vip: ${vip}
${body
  .trim()
  .split("\n")
  .map((line) => `    ${line}`)
  .join("\n")}`

const web = (body: string, vip?: string): Sources => ({
  services: `services:${service("web", body, vip)}`,
})

const sorry = "sorry_server: 192.0.2.99:80"

/** The same in a cluster whose services keepalived programs. */
const kept = (body: string): Sources => ({
  ...web(body),
  clusters: `${tokyoClusters}    ipvs: keepalived`,
})

const spoken = (more: string): Sources => ({
  clusters: `clusters:${cluster("tokyo", `, ${more}`)}`,
})

/** What keepalived has on all directors. */
const fixed = (more: string): Sources => ({
  clusters: `keepalived: { ${more} }\n${tokyoClusters.trim()}`,
})

/** Two clusters of the same directors, and what keepalived has besides. */
const grouped = (groups: string, osaka = ""): Sources => ({
  clusters: `keepalived: { sync_groups: { ${groups} } }
clusters:${cluster("tokyo")}${cluster("osaka", osaka, 52)}`,
})
const paired = "g: { clusters: [tokyo, osaka] }"

/** A cluster in which keepalived does nothing. */
const ofAgent = `clusters:${cluster("tokyo", ", driver: native")}`

const freebsd = (group: string, last: number): HostSource => ({
  groups: [group],
  ansible_host: `192.0.2.${last}`,
  lbctl_address: [`192.0.2.${last}`, `2001:db8::${last}`],
  lbctl_init: "rc",
})

const unmanaged = (group: string, last: number): HostSource => ({
  groups: [group],
  ansible_host: `192.0.2.${last}`,
  lbctl_address: [`192.0.2.${last}`, `2001:db8::${last}`],
  lbctl_managed: false,
})

const hosts = (more: Readonly<Record<string, HostSource>>) => ({ ...tokyoHosts, ...more })

const osaka: Readonly<Record<string, HostSource>> = {
  ob1: { groups: ["lb_osaka"], ansible_host: "192.0.2.4" },
  or1: { groups: ["web_osaka"], ansible_host: "198.51.100.21" },
}

const osakaCluster = (vrrp: string, more = "") => `${tokyoClusters}
  osaka:
    directors: lb_osaka
    real_servers: web_osaka
    vrrp: { interface: eth9, ${vrrp} }
    ${more}`

/** For each rule: a fleet that breaches it and where the problem must point, and a near one that does not. */
const examples: readonly {
  readonly id: string
  readonly bad: Sources
  readonly at: string
  readonly good: Sources
}[] = [
  {
    id: "vip-shared",
    bad: {
      services: `services:${service("a", "ports: [80, 443]")}${service("b", "ports: [443/tcp]")}`,
    },
    at: "services/0.yml:9",
    good: { services: `services:${service("a", "ports: [80]")}${service("b", "ports: [80/udp]")}` },
  },
  {
    id: "fwmark-private",
    bad: web("ports: [80]\nfwmark: 1818361857"),
    at: "services/0.yml:6",
    good: web("ports: [80]\nfwmark: 1818361855"),
  },
  {
    id: "fwmark-twice",
    bad: {
      services: `services:${service("a", "ports: [80]\nfwmark: 12")}${service("b", "ports: [443]\nfwmark: 12")}`,
    },
    at: "services/0.yml:11",
    good: {
      services: `services:${service("a", "ports: [80]\nfwmark: 12")}${service("b", "ports: [443]\nfwmark: 13")}`,
    },
  },
  {
    id: "fwmark-ports",
    bad: {
      services: `services:${service("a", "ports: [0]\nfwmark: 12")}${service("b", "ports: [443]")}`,
    },
    at: "services/0.yml:5",
    good: {
      services: `services:${service("a", "ports: [0]\nfwmark: 12")}${service("b", "ports: [443/udp]")}`,
    },
  },
  {
    id: "fwmark-remap",
    bad: web("ports: [80]\nfwmark: 12\nforwarding: nat\nbackends: { port: 8080 }"),
    at: "services/0.yml:8",
    good: web("ports: [80]\nforwarding: nat\nbackends: { port: 8080 }"),
  },
  {
    id: "sorry-port",
    bad: web(`ports: [443, 8443]\nfwmark: 12\nforwarding: nat\n${sorry}`),
    at: "services/0.yml:8",
    good: web(`ports: [80, 443]\nfwmark: 12\n${sorry}`),
  },
  {
    id: "check-protocol",
    bad: web("ports: [53/udp, 54/udp]\nfwmark: 12\ncheck: { type: http, path: / }"),
    at: "services/0.yml:7",
    good: web("ports: [53/udp, 80/tcp]\nfwmark: 12\ncheck: { type: http, path: / }"),
  },
  {
    id: "check-port",
    bad: web("ports: [0]\nfwmark: 12\ncheck: { type: tcp }"),
    at: "services/0.yml:7",
    good: web("ports: [0, 443]\nfwmark: 12\ncheck: { type: tcp }"),
  },
  {
    id: "vip-clusters",
    bad: {
      hosts: hosts(osaka),
      clusters: osakaCluster("virtual_router_id: 52"),
      services: [
        "services: { a: { cluster: osaka, vip: 192.0.2.10, ports: [443] } }",
        "services: { b: { cluster: tokyo, vip: 192.0.2.10, ports: [443] } }",
      ],
    },
    at: "services/1.yml:1",
    good: {
      hosts: hosts(osaka),
      clusters: osakaCluster("virtual_router_id: 52"),
      services: [
        "services: { a: { cluster: osaka, vip: 192.0.2.11, ports: [443] } }",
        "services: { b: { cluster: tokyo, vip: 192.0.2.10, ports: [443] } }",
      ],
    },
  },
  {
    id: "vip-host",
    bad: web("ports: [80]", '[192.0.2.10, "2001:DB8:0::21"]'),
    at: "services/0.yml:4",
    good: web("ports: [80]", '"2001:db8::99"'),
  },
  {
    id: "vip-anchor",
    bad: web("ports: [80]", "169.254.255.51"),
    at: "services/0.yml:4",
    good: web("ports: [80]", "169.254.255.52"),
  },
  {
    id: "vip-unusable",
    bad: web("ports: [80]", '"fe80::1"'),
    at: "services/0.yml:4",
    good: web("ports: [80]", '"fd00::1"'),
  },
  {
    id: "host-family",
    bad: {
      ...web("ports: [80]", '"2001:db8::10"'),
      hosts: hosts({ rs2: { groups: ["web"], ansible_host: "192.0.2.22" } }),
    },
    at: "hosts.yml:4",
    good: web("ports: [80]", '"2001:db8::10"'),
  },
  {
    id: "host-unusable",
    bad: { hosts: hosts({ rs2: { groups: ["web"], ansible_host: "127.0.0.1" } }) },
    at: "hosts.yml:4",
    good: { hosts: hosts({ other: { groups: [], ansible_host: "127.0.0.1" } }) },
  },
  {
    id: "vrid-shared",
    bad: { hosts: hosts(osaka), clusters: osakaCluster("virtual_router_id: 51") },
    at: "clusters.yml:6",
    good: {
      hosts: hosts({ ...osaka, ob1: { groups: ["lb_osaka"], ansible_host: "198.51.100.4" } }),
      clusters: osakaCluster("virtual_router_id: 51"),
    },
  },
  {
    id: "priority-equal",
    bad: { clusters: `clusters:${cluster("tokyo", ", priority: { lb1: 100, lb2: 100 }")}` },
    at: "clusters.yml:5",
    good: { clusters: `clusters:${cluster("tokyo", ", priority: { lb1: 100, lb2: 101 }")}` },
  },
  {
    id: "anchor-shared",
    bad: {
      clusters: `clusters:${cluster("tokyo", ", anchor: 192.0.2.5")}${cluster("two", ", anchor: 192.0.2.5", 52)}`,
    },
    at: "clusters.yml:9",
    good: {
      clusters: `clusters:${cluster("tokyo", ", anchor: 192.0.2.5")}${cluster("two", "", 52)}`,
    },
  },
  {
    id: "anchor-unusable",
    bad: { clusters: `clusters:${cluster("tokyo", ", anchor: 192.0.2.22")}` },
    at: "clusters.yml:5",
    good: { clusters: `clusters:${cluster("tokyo", ", anchor: 192.0.2.222")}` },
  },
  {
    id: "sync-shared",
    bad: {
      hosts: hosts(osaka),
      clusters:
        `${osakaCluster("virtual_router_id: 52", "connection_sync: { interface: eth1, id: 7 }")}
    `.replace(
          "eth0, virtual_router_id: 51 }",
          "eth0, virtual_router_id: 51 }\n    connection_sync: { interface: eth1, id: 7 }",
        ),
    },
    at: "clusters.yml:7",
    good: {
      hosts: hosts(osaka),
      clusters: osakaCluster(
        "virtual_router_id: 52",
        "connection_sync: { interface: eth1, id: 7 }",
      ),
    },
  },
  {
    id: "sync-group",
    bad: {
      clusters: `${tokyoClusters}    connection_sync: { interface: eth1, group: 192.0.2.81 }`,
    },
    at: "clusters.yml:7",
    good: {
      clusters: `${tokyoClusters}    connection_sync: { interface: eth1, group: "ff02::81" }`,
    },
  },
  {
    id: "sync-threshold",
    bad: { clusters: `${tokyoClusters}    ipvs_sysctls: { sync_threshold: [50, 50] }` },
    at: "clusters.yml:7",
    good: { clusters: `${tokyoClusters}    ipvs_sysctls: { sync_threshold: [49, 50] }` },
  },
  {
    id: "sync-threshold",
    bad: {
      clusters: `${tokyoClusters}    ipvs_sysctls: { sync_threshold: [0, 0], sync_refresh_period: 0s }`,
    },
    at: "clusters.yml:7",
    good: {
      clusters: `${tokyoClusters}    ipvs_sysctls: { sync_threshold: [0, 0], sync_refresh_period: 1s }`,
    },
  },
  {
    id: "duration-range",
    bad: { clusters: `${tokyoClusters}    timeouts: { tcp_fin: 1500ms }` },
    at: "clusters.yml:7",
    good: { clusters: `${tokyoClusters}    timeouts: { tcp_fin: 2s }` },
  },
  {
    id: "ipvs-per-director",
    bad: {
      clusters: `clusters:${cluster("one")}
    timeouts: { udp: 10s }${cluster("two", "", 52)}
    timeouts: { udp: 20s }`,
      services: "services: {}",
    },
    at: "clusters.yml:11",
    good: {
      clusters: `clusters:${cluster("one")}
    timeouts: { udp: 10s }${cluster("two", "", 52)}
    timeouts: { tcp: 20s }`,
      services: "services: {}",
    },
  },
  {
    id: "port-zero",
    bad: web("ports: [0/tcp]"),
    at: "services/0.yml:5",
    good: web("ports: [0/tcp, 443, 8000-8010/tcp]\npersistence: { timeout: 5m }"),
  },
  {
    id: "port-zero",
    bad: web(
      "forwarding: nat\nports: [0/tcp]\npersistence: { timeout: 5m }\nbackends: { port: 80 }",
    ),
    at: "services/0.yml:8",
    good: web("forwarding: nat\nports: [0/tcp]\npersistence: { timeout: 5m }"),
  },
  {
    id: "check-port",
    bad: web("ports: [0/tcp]\npersistence: { timeout: 5m }\ncheck: { type: tcp }"),
    at: "services/0.yml:7",
    good: web(
      "ports: [0/tcp]\npersistence: { timeout: 5m }\ncheck: { type: tcp, port: 80 }\nsorry_server: 192.0.2.99:80",
    ),
  },
  {
    id: "sync-per-director",
    bad: {
      clusters: `clusters:${cluster("tokyo")}
    connection_sync: { interface: eth1 }${cluster("two", "", 52)}
    connection_sync: { interface: eth1 }`,
    },
    at: "clusters.yml:11",
    good: {
      clusters: `clusters:${cluster("tokyo")}
    connection_sync: { interface: eth1, id: 9 }${cluster("two", "", 52)}
    connection_sync: { interface: eth1, id: 9 }`,
    },
  },
  {
    id: "scheduler-flags",
    bad: web("ports: [80]\nscheduler: mh\nflags: [mh-port, sh-port]"),
    at: "services/0.yml:7",
    good: web("ports: [80]\nscheduler: mh\nflags: [mh-port, mh-fallback]"),
  },
  {
    id: "one-packet",
    bad: web("ports: [53/udp, 53/tcp]\none_packet: true"),
    at: "services/0.yml:6",
    good: web("ports: [53/udp]\none_packet: true"),
  },
  {
    id: "persistence-engine",
    bad: web("ports: [5060/tcp]\npersistence: { timeout: 60s, engine: sip }"),
    at: "services/0.yml:6",
    good: web("ports: [5060/udp]\npersistence: { timeout: 60s, engine: sip }"),
  },
  {
    id: "sh-fallback",
    bad: web("ports: [80]\nscheduler: sh"),
    at: "services/0.yml:6",
    good: web("ports: [80]\nscheduler: sh\nflags: [sh-fallback]"),
  },
  {
    id: "sh-table",
    bad: web("ports: [80]\nscheduler: sh\nflags: [sh-fallback]\nbackends: { weight: 100 }"),
    at: "services/0.yml:8",
    good: web("ports: [80]\nscheduler: sh\nflags: [sh-fallback]\nbackends: { weight: 80 }"),
  },
  {
    id: "persistence-hash",
    bad: web("ports: [80]\nscheduler: mh\npersistence: { timeout: 60s }"),
    at: "services/0.yml:7",
    good: web("ports: [80]\nscheduler: wlc\npersistence: { timeout: 60s }"),
  },
  {
    id: "port-remap",
    bad: web("ports: [80, 443]\nbackends: { port: 443 }"),
    at: "services/0.yml:6",
    good: web("ports: [80, 443]\nforwarding: nat\nbackends: { port: 8080 }"),
  },
  {
    id: "weights-zero",
    bad: web("ports: [80]\nbackends: { weight: 0 }"),
    at: "services/0.yml:6",
    good: web("ports: [80]\nbackends: { weight: 0, hosts: { rs1: { weight: 1 } } }"),
  },
  {
    id: "thresholds",
    bad: web(
      "ports: [80]\nbackends:\n  upper_threshold: 10\n  hosts:\n    rs2: { lower_threshold: 11 }",
    ),
    at: "services/0.yml:9",
    good: web("ports: [80]\nbackends: { upper_threshold: 10, lower_threshold: 10 }"),
  },
  {
    id: "backend-twice",
    bad: { hosts: hosts({ rs4: { groups: ["web"], ansible_host: "192.0.2.22" } }) },
    at: "services/0.yml:4",
    good: { hosts: hosts({ rs4: { groups: [], ansible_host: "192.0.2.22" } }) },
  },
  {
    id: "freebsd-director",
    bad: { hosts: hosts({ lb1: freebsd("lb", 2) }) },
    at: "clusters.yml:4",
    good: { hosts: hosts({ rs1: freebsd("web", 21) }) },
  },
  {
    id: "freebsd-tunnel",
    bad: {
      ...web("ports: [80]\nforwarding: tun"),
      hosts: hosts({ rs1: freebsd("web", 21) }),
    },
    at: "services/0.yml:6",
    good: web("ports: [80]\nforwarding: tun"),
  },
  {
    id: "director-unmanaged",
    bad: { hosts: hosts({ lb2: unmanaged("lb", 3) }) },
    at: "hosts.yml:2",
    good: { hosts: hosts({ rs1: unmanaged("web", 21) }) },
  },
  {
    id: "director-serves",
    bad: web("ports: [80]\nbackends: { group: all }"),
    at: "services/0.yml:6",
    good: web("ports: [80]\nforwarding: nat\nbackends: { group: all }"),
  },
  {
    id: "sorry-port",
    bad: web("ports: [80]\nsorry_server: 192.0.2.99:8080"),
    at: "services/0.yml:6",
    good: web("ports: [80]\nforwarding: nat\nsorry_server: 192.0.2.99:8080"),
  },
  {
    id: "sorry-partial",
    bad: web("ports: [80, 443]\nsorry_server: 192.0.2.99:80"),
    at: "services/0.yml:6",
    good: web("ports: [80]\nsorry_server: 192.0.2.99:80"),
  },
  {
    id: "sorry-family",
    bad: web('ports: [80]\nsorry_server: "[2001:db8::99]:80"'),
    at: "services/0.yml:6",
    good: web('ports: [80]\nsorry_server: "[2001:db8::99]:80"', '"2001:db8::10"'),
  },
  {
    id: "sorry-vip",
    bad: web("ports: [80]\nsorry_server: 192.0.2.10:80"),
    at: "services/0.yml:6",
    good: web("ports: [80]\nsorry_server: 192.0.2.11:80"),
  },
  {
    id: "sorry-director",
    bad: web("ports: [80]\nsorry_server: 192.0.2.3:80"),
    at: "services/0.yml:6",
    good: web("ports: [80]\nsorry_server: 192.0.2.23:80"),
  },
  {
    id: "quorum-servers",
    bad: web("ports: [80]\nquorum: { up: 4 }\nsorry_server: 192.0.2.99:80"),
    at: "services/0.yml:6",
    good: web("ports: [80]\nquorum: { up: 3 }\nsorry_server: 192.0.2.99:80"),
  },
  {
    id: "quorum-hysteresis",
    bad: web("ports: [80]\nquorum: { up: 1, hysteresis: 1 }"),
    at: "services/0.yml:6",
    good: web("ports: [80]\nquorum: { up: 2, hysteresis: 1 }\nsorry_server: 192.0.2.99:80"),
  },
  {
    id: "quorum-regain",
    bad: web("ports: [80]\nquorum: { up: 3, hysteresis: 1 }\nsorry_server: 192.0.2.99:80"),
    at: "services/0.yml:6",
    good: web("ports: [80]\nquorum: { up: 2, hysteresis: 1 }\nsorry_server: 192.0.2.99:80"),
  },
  {
    id: "quorum-alone",
    bad: web("ports: [80]\nquorum: { up: 2 }"),
    at: "services/0.yml:6",
    good: web("ports: [80]\nquorum: { up: 2 }\nsorry_server: 192.0.2.99:80"),
  },
  {
    id: "watermark-quorum",
    bad: web("ports: [80]\nquorum: { up: 1 }\nwatermark: { low: 0.5 }\nall_down: remove"),
    at: "services/0.yml:7",
    good: web("ports: [80]\nwatermark: { low: 0.5 }\nall_down: remove"),
  },
  {
    id: "watermark-order",
    bad: web("ports: [80]\nwatermark: { low: 0.5, high: 0.2 }\nall_down: remove"),
    at: "services/0.yml:6",
    good: web("ports: [80]\nwatermark: { low: 0.2, high: 0.5 }\nall_down: remove"),
  },
  {
    id: "watermark-alone",
    bad: web("ports: [80]\nwatermark: { low: 0.5 }"),
    at: "services/0.yml:6",
    good: web("ports: [80]\nwatermark: { low: 0.5 }\nsorry_server: 192.0.2.99:80"),
  },
  {
    id: "slow-start-weight",
    bad: web("ports: [80]\nslow_start: 30s"),
    at: "services/0.yml:6",
    good: web("ports: [80]\nslow_start: 30s\nbackends: { weight: 100 }"),
  },
  {
    id: "slow-start-check",
    bad: web("ports: [80]\nslow_start: 30s\nbackends: { weight: 100 }\ncheck: none"),
    at: "services/0.yml:6",
    good: web("ports: [80]\nslow_start: 30s\nbackends: { weight: 100 }"),
  },
  {
    id: "slow-start-scheduler",
    bad: web("ports: [80]\nslow_start: 30s\nbackends: { weight: 100 }\nscheduler: mh"),
    at: "services/0.yml:6",
    good: web("ports: [80]\nslow_start: 30s\nbackends: { weight: 100 }\nscheduler: wrr"),
  },
  {
    id: "access-service",
    bad: { clusters: `${tokyoClusters}    access: [{ users: [ann], services: [web, webb] }]` },
    at: "clusters.yml:7",
    good: { clusters: `${tokyoClusters}    access: [{ users: [ann], services: [web] }]` },
  },
  {
    id: "access-host",
    bad: { clusters: `${tokyoClusters}    access: [{ groups: [oncall], hosts: [rs1, rs9] }]` },
    at: "clusters.yml:7",
    good: { clusters: `${tokyoClusters}    access: [{ groups: [oncall], hosts: [rs1, lb1] }]` },
  },
  {
    id: "all-down-sorry",
    bad: web("ports: [80]\nall_down: sorry"),
    at: "services/0.yml:6",
    good: web("ports: [80]\nall_down: sorry\nsorry_server: 192.0.2.99:80"),
  },
  {
    id: "vrrp-version",
    bad: spoken("advert_int: 1500ms, keepalived: { version: 2 }"),
    at: "clusters.yml:5",
    good: spoken("advert_int: 2s, keepalived: { version: 2 }"),
  },
  {
    id: "preempt-delay",
    bad: spoken("keepalived: { preempt_delay: 5s }"),
    at: "clusters.yml:5",
    good: spoken("preempt: true, keepalived: { preempt_delay: 5s }"),
  },
  {
    id: "track-own-interface",
    bad: spoken("keepalived: { track_interface: { eth0: { weight: -9 } } }"),
    at: "clusters.yml:5",
    good: spoken("keepalived: { track_interface: { eth1: { weight: -9 } } }"),
  },
  {
    id: "native-vrrp-words",
    bad: spoken("driver: native, keepalived: { smtp_alert: true }"),
    at: "clusters.yml:5",
    good: spoken("driver: keepalived, keepalived: { smtp_alert: true }"),
  },
  {
    id: "keepalived-unused",
    bad: {
      clusters: `keepalived: { global_defs: { smtp_connect_timeout: 5s } }\n${ofAgent.trim()}`,
    },
    at: "clusters.yml:1",
    good: {
      clusters: `keepalived: { global_defs: { smtp_connect_timeout: 5s } }\n${tokyoClusters.trim()}`,
    },
  },
  {
    id: "native-service-words",
    bad: web("ports: [80]\nkeepalived: { quorum_up: /usr/local/sbin/tell }"),
    at: "services/0.yml:6",
    good: kept(
      "ports: [80]\ncheck: { type: tcp }\nkeepalived: { quorum_up: /usr/local/sbin/tell }",
    ),
  },
  {
    id: "static-director",
    bad: fixed("static_ipaddress: { rs1: [10.9.9.1/24 dev eth1] }"),
    at: "clusters.yml:1",
    good: fixed("static_ipaddress: { lb1: [10.9.9.1/24 dev eth1] }"),
  },
  {
    id: "static-vip",
    bad: fixed("static_ipaddress: { lb1: [10.9.9.1/24 dev eth1, 169.254.255.51/32 dev eth0] }"),
    at: "clusters.yml:1",
    good: fixed("static_ipaddress: { lb1: [10.9.9.1/24 dev eth1], lb2: [10.9.9.2/24 dev eth1] }"),
  },
  {
    id: "sync-group-cluster",
    bad: grouped("g: { clusters: [tokyo, osako] }"),
    at: "clusters.yml:1",
    good: grouped(paired),
  },
  {
    id: "sync-group-twice",
    bad: grouped(`${paired}, h: { clusters: [tokyo, osaka] }`),
    at: "clusters.yml:1",
    good: grouped(paired),
  },
  {
    id: "sync-group-order",
    bad: grouped(paired, ", priority: { lb1: 100, lb2: 150 }"),
    at: "clusters.yml:1",
    good: grouped(paired, ", priority: { lb1: 120, lb2: 110 }"),
  },
  {
    id: "keepalived-raw",
    bad: { clusters: `keepalived: { global_defs: { raw: [lvs_flush] } }\n${tokyoClusters.trim()}` },
    at: "clusters.yml:1",
    good: {
      clusters: `keepalived: { global_defs: { raw: ["vrrp_priority -10"] } }\n${tokyoClusters.trim()}`,
    },
  },
  {
    id: "keepalived-check-via",
    bad: kept("ports: [80]\ncheck: { type: tcp, via: vip }"),
    at: "services/0.yml:6",
    good: kept("ports: [80]\ncheck: { type: tcp, via: address }"),
  },
  {
    id: "keepalived-check-rise",
    bad: kept("ports: [80]\ncheck: { type: tcp, rise: 2 }"),
    at: "services/0.yml:6",
    good: kept("ports: [80]\ncheck: { type: tcp, rise: 1 }"),
  },
  {
    id: "keepalived-check-time",
    bad: kept("ports: [80]\ncheck: { type: tcp, interval: 2h, timeout: 72m }"),
    at: "services/0.yml:6",
    good: kept("ports: [80]\ncheck: { type: tcp, interval: 2h, timeout: 71m }"),
  },
  {
    id: "keepalived-check-path",
    bad: kept("ports: [80]\ncheck: { type: http, path: /~ann }"),
    at: "services/0.yml:6",
    good: kept("ports: [80]\ncheck: { type: http, path: '/%7Eann?a=b&c' }"),
  },
  {
    id: "keepalived-quorum",
    bad: kept(`ports: [80]\nquorum: { up: 2 }\nbackends: { weight: 3 }\n${sorry}`),
    at: "services/0.yml:6",
    good: kept(`ports: [80]\nquorum: { up: 2 }\n${sorry}`),
  },
  {
    id: "keepalived-check",
    bad: kept("ports: [80]\ncheck: { type: http, method: HEAD }"),
    at: "services/0.yml:6",
    good: kept(
      "ports: [80]\ncheck: { type: https, host: www.example.net, sni: www.example.net, status: 2xx }",
    ),
  },
  {
    id: "keepalived-loss",
    bad: kept("ports: [80]\nall_down: keep_last"),
    at: "services/0.yml:6",
    good: kept("ports: [80]\nall_down: remove"),
  },
  {
    id: "keepalived-drain",
    bad: kept("ports: [80]\ndrain_timeout: 10s"),
    at: "services/0.yml:6",
    good: web("ports: [80]\ndrain_timeout: 10s"),
  },
  {
    id: "keepalived-thresholds",
    bad: kept("ports: [80]\nbackends: { upper_threshold: 9 }"),
    at: "services/0.yml:6",
    good: web("ports: [80]\nbackends: { upper_threshold: 9 }"),
  },
  {
    id: "check-protocol",
    bad: web("ports: [80/tcp, 53/udp]\ncheck: { type: http }"),
    at: "services/0.yml:6",
    good: web("ports: [80/tcp, 53/udp]\ncheck: { type: http, port: 80 }"),
  },
  {
    id: "check-http",
    bad: web("ports: [80]\ncheck:\n  type: http\n  path: /\n  urls: [{ path: /a }]"),
    at: "services/0.yml:8",
    good: web("ports: [80]\ncheck: { type: http, urls: [{ path: /a }, { path: /b }] }"),
  },
  {
    id: "check-command",
    bad: web("ports: [80]\ncheck:\n  type: external\n  command: [check-web, -q]"),
    at: "services/0.yml:8",
    good: web("ports: [80]\ncheck: { type: external, command: [/usr/local/lib/check-web, -q] }"),
  },
  {
    id: "check-timeout",
    bad: web("ports: [80]\ncheck: { type: tcp, interval: 2s }"),
    at: "services/0.yml:6",
    good: web("ports: [80]\ncheck: { type: tcp, interval: 2s, timeout: 2s }"),
  },
  {
    id: "duration-range",
    bad: web("ports: [80]\npersistence: { timeout: 1500ms }"),
    at: "services/0.yml:6",
    good: web("ports: [80]\npersistence: { timeout: 1m }"),
  },
  {
    id: "canary-unknown",
    bad: { clusters: `${tokyoClusters}    rollout: { canary: [rs1, nobody] }` },
    at: "clusters.yml:7",
    good: { clusters: `${tokyoClusters}    rollout: { canary: [rs1, lb2], soak: 1m }` },
  },
  {
    id: "canary-unknown",
    bad: {
      clusters: `${tokyoClusters}    rollout: { canary: [rs1] }`,
      hosts: hosts({ rs1: unmanaged("web", 21) }),
    },
    at: "clusters.yml:7",
    good: {
      clusters: `${tokyoClusters}    rollout: { canary: [rs2] }`,
      hosts: hosts({ rs1: unmanaged("web", 21) }),
    },
  },
]

describe("each rule", () => {
  it("has an example here", () => {
    expect(examples.map(({ id }) => id)).toEqual(expect.arrayContaining(rules.map(({ id }) => id)))
  })

  it.each(examples)("$id finds its breach, alone and in its place", ({ id, bad, at }) => {
    const { problems } = fleetOf(bad)
    expect(new Set(brief(problems))).toEqual(new Set([`${id} ${at}`]))
  })

  it.each(examples)("$id lets the nearest good definition pass", ({ good }) => {
    expect(brief(fleetOf(good).problems)).toEqual([])
  })

  it("gives every breach a message and a hint", () => {
    for (const { bad } of examples)
      for (const { message, hint } of fleetOf(bad).problems) {
        expect(message).toMatch(/^\S.*[^.]$/)
        expect(hint).toMatch(/\S/)
      }
  })
})

describe("check-protocol", () => {
  it.each([
    ["[80/tcp]", "type: udp", "by udp and can't ask the tcp port 80"],
    ["[53/udp]", "type: smtp", "by tcp and can't ask the udp port 53"],
    ["[53/udp]", "type: dns, transport: tcp", "by tcp and can't ask the udp port 53"],
  ])("refuses for %s { %s }", (ports, check, words) => {
    const { problems } = fleetOf(web(`ports: ${ports}\ncheck: { ${check} }`))
    expect(problems.map(({ rule }) => rule)).toEqual(["check-protocol"])
    expect(problems[0]?.message).toContain(words)
  })

  it.each([
    ["[53/tcp, 53/udp]", "type: dns"],
    ["[53/tcp, 53/udp]", "type: dns, transport: tcp"],
    ["[80/tcp, 81/udp, 82/sctp]", "type: icmp"],
    ["[80/tcp]", "type: udp, port: 161"],
  ])("lets %s { %s } pass", (ports, check) => {
    expect(brief(fleetOf(web(`ports: ${ports}\ncheck: { ${check} }`)).problems)).toEqual([])
  })
})

describe("check-http", () => {
  it.each([
    ["method: HEAD\n  body: OK", "asks by HEAD, whose answers have no body, and wants a body"],
    [
      "urls: [{ path: /, method: HEAD, digest: d36f8f9425c4a8000ad9c4a97185aca5 }]",
      "wants a digest",
    ],
    ["status: [299-200]", "accepts the status 299-200, which is none"],
    ["regex: '('", "has a regex that can't be read"],
    ["regex_options: [caseless]", "has regex_options but no regex"],
    ["urls: [{ path: /a, regex_no_match: true }]", "has regex_no_match but no regex"],
    ["headers: { Host: example.org }", "sets the header Host"],
    ["max_body: 17MiB", "can't read 17MiB of a body"],
    [
      "certificate_days: { warn: 3, fail: 3 }",
      "warns when 3 days are left, but has failed by then",
    ],
  ])("refuses %j", (line, words) => {
    const { problems } = fleetOf(web(`ports: [443]\ncheck:\n  type: https\n  ${line}`))
    expect(problems.map(({ rule }) => rule)).toEqual(["check-http"])
    expect(problems[0]?.message).toContain(words)
  })

  it.each([
    "regex: OK\n  regex_options: [caseless]",
    "regex_options: [caseless]\n  urls: [{ path: /a, regex: OK }, { path: /b }]",
    "certificate_days: { fail: 3 }",
    "status: [2xx, 300-399, 404]",
  ])("lets %j pass", (line) => {
    const sources = web(`ports: [443]\ncheck:\n  type: https\n  ${line}`)
    expect(brief(fleetOf(sources).problems)).toEqual([])
  })
})

describe("duration-range", () => {
  it.each([
    ["keepalived", "90ms", []],
    ["native", "100ms", []],
    ["native", "90ms", ["duration-range"]],
  ])("with the driver %s has advert_int %s: %j", (driver, interval, expected) => {
    const clusters = `clusters:
  tokyo:
    directors: lb
    vrrp: { interface: eth0, virtual_router_id: 51, driver: ${driver}, advert_int: ${interval} }
`
    const found = brief(fleetOf({ clusters }).problems).map((line) => line.split(" ")[0])
    expect(found.filter((id) => id === "duration-range")).toEqual(expected)
  })

  it.each(["0s", "5ms", "15ms", "41s"])("refuses advert_int %s", (time) => {
    const clusters = `clusters:${cluster("tokyo", `, advert_int: ${time}`)}`
    expect(brief(fleetOf({ clusters }).problems)).toEqual(["duration-range clusters.yml:5"])
  })

  it.each([
    "preempt: true, keepalived: { preempt_delay: 1001s }",
    "keepalived: { garp_master_delay: 500ms }",
    "keepalived: { track_script: { a: { script: /bin/true, interval: 1500ms } } }",
  ])("refuses { %s }", (more) => {
    expect(brief(fleetOf(spoken(more)).problems)).toEqual(["duration-range clusters.yml:5"])
  })

  it("knows what keepalived's reader of times can hold", () => {
    const clusters = `keepalived: { global_defs: { vrrp_startup_delay: 4295s } }\n${tokyoClusters.trim()}`
    const [problem] = fleetOf({ clusters }).problems
    expect(problem?.message).toBe("vrrp_startup_delay can't be 4295s")
    expect(problem?.hint).toBe("right is 1ms to 4294s")
  })

  it("refuses a soak that is too long", () => {
    const clusters = `${tokyoClusters}    rollout: { soak: 61m }`
    expect(brief(fleetOf({ clusters }).problems)).toEqual(["duration-range clusters.yml:7"])
  })

  it("names range and step", () => {
    const clusters = `clusters:${cluster("tokyo", ", garp_master_refresh: 500ms")}`
    const [problem] = fleetOf({ clusters }).problems
    expect(problem?.message).toBe("garp_master_refresh can't be 500ms")
    expect(problem?.hint).toBe("right is 1s to 1d in whole seconds")
  })
})

describe("keepalived-raw", () => {
  it.each([
    ["vrrp_strict", "remove the line"],
    ["include /etc/keepalived/more.conf", "remove the line"],
    ["smtp_server 192.0.2.25", "write it as the key smtp_server"],
  ])("refuses %s", (line, hint) => {
    const clusters = `keepalived: { global_defs: { raw: ["${line}"] } }\n${tokyoClusters.trim()}`
    expect(fleetOf({ clusters }).problems.map((problem) => problem.hint)).toEqual([hint])
  })
})

describe("keepalived-check", () => {
  const digest = "a".repeat(64)
  it.each([
    "type: http, body: ok",
    "type: http, regex: ok",
    `type: http, digest: "${digest}"`,
    "type: tcp, send: a",
    "type: http, headers: { X-A: b }",
    "type: http, method: POST, payload: x",
    "type: http, body: ok, max_body: 1KiB",
    "type: http, urls: [{ path: /a }, { path: /b, body: ok }]",
    "type: https, sni: a.example.net",
    "type: https, verify: {}",
    "type: https, certificate_days: { fail: 7 }",
    "type: tcp, tls: {}",
    "type: smtp, greeting: mx",
    "type: smtp, tls: {}",
    "type: dns, answer: 192.0.2.1",
    "type: dns, rcode: NXDOMAIN",
    "type: dns, record: SRV",
    "type: dns, transport: tcp",
    "type: external, command: [/bin/true], user: root",
    "type: external, command: [/bin/true], timeout: 1500ms",
    'type: external, command: [/bin/test, ""]',
    "type: external, command: [/bin/test, a b]",
    `type: external, command: [/bin/test, ${"a".repeat(900)}]`,
  ])("refuses { %s }", (check) => {
    const { problems } = fleetOf(kept(`ports: [80]\ncheck: { ${check} }`))
    const ids = brief(problems).filter((line) => !line.startsWith("check-protocol"))
    expect(ids).toEqual(["keepalived-check services/0.yml:6"])
  })

  it.each([
    ["type: udp", "write a payload"],
    ['type: udp, payload: "hex:ffff"', "write a payload with other bytes"],
    ['type: udp, payload: a, reply: "hex:ff"', "write a reply with other bytes"],
    [
      "type: radius, user: a, password_file: /a, secret_file: /b",
      "choose tcp, udp, icmp, http, https, dns, smtp or external",
    ],
  ])("refuses { %s } and tells the cure: %s", (check, cure) => {
    const { problems } = fleetOf(kept(`ports: [53/udp]\ncheck: { ${check} }`))
    expect(problems.map(({ rule, hint }) => [rule, hint])).toEqual([
      ["keepalived-check", `${cure}; or write ipvs: native in the cluster`],
    ])
  })

  it.each([
    "type: udp, payload: a, require_reply: true",
    "type: dns, name: www.example.org, record: AAAA",
    "type: icmp",
    "type: smtp, helo_name: lb.example.org, port: 25",
    "type: external, command: [/usr/lib/check-web, --deep=1], weight_by_exit_code: true",
  ])("takes { %s }", (check) => {
    expect(fleetOf(kept(`ports: [53/udp]\ncheck: { ${check} }`)).problems).toEqual([])
  })
})

describe("keepalived-quorum", () => {
  it("looks at each family of VIPs, since each VIP is a virtual_server of its own", () => {
    const body = "ports: [80]\nbackends: { hosts: { rs1: { weight: 0 } } }\nquorum: { up: 1 }"
    expect(brief(fleetOf(kept(body)).problems)).toEqual([])
    const sources = kept(
      `ports: [80]\nquorum: { up: 3 }\nbackends: { hosts: { rs1: { weight: 0 } } }\n${sorry}`,
    )
    expect(brief(fleetOf(sources).problems)).toEqual(["keepalived-quorum services/0.yml:6"])
  })
})

describe("a check in a cluster of keepalived", () => {
  it("asks the real server's own address by default", () => {
    expect(fleetOf(kept("ports: [80]")).fleet.services[0]?.check?.via).toBe("address")
    expect(fleetOf(web("ports: [80]")).fleet.services[0]?.check?.via).toBe("vip")
  })
})

describe("many mistakes at once", () => {
  it("are all told", () => {
    const { problems } = fleetOf({
      clusters: `clusters:${cluster("tokyo", ", priority: { lb1: 9, lb2: 9 }")}`,
      services: `services:${service("a", "ports: [80]\nbackends: { group: wep }")}${service(
        "b",
        "ports: [80]\nbackends: { port: 81 }",
      )}${service("c", "ports: [99999/udp]")}`,
    })
    expect(brief(problems).sort()).toEqual([
      "group-unknown services/0.yml:6",
      "port-range services/0.yml:15",
      "port-remap services/0.yml:11",
      "priority-equal clusters.yml:5",
      "vip-shared services/0.yml:10",
    ])
  })
})
