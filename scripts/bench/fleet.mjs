// Writes the inventories that are measured.
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/**
 * Two directors, `services` services, each with a pool of `perPool` real servers; `pools` pools take turns.
 * One file of services for every hundred.
 */
export function writeLargeFleet(folder, { services, pools, perPool }) {
  const group = (name, hosts) => `    ${name}:\n      hosts:\n${hosts.join("")}`
  const host = (name, address) => `        ${name}: { ansible_host: ${address} }\n`
  const pool = (number) =>
    group(
      `pool${number}`,
      numbers(perPool).map((index) =>
        host(`rs${number}x${index}`, addressIn("10.1", number * perPool + index)),
      ),
    )
  const directors = group("lb", [host("lb1", "10.0.0.11"), host("lb2", "10.0.0.12")])
  write(folder, "hosts.yml", `all:\n  children:\n${directors}${numbers(pools).map(pool).join("")}`)
  write(
    folder,
    "clusters.yml",
    `clusters:
  main:
    directors: lb
    forwarding: dr
    vrrp:
      interface: eth0
      virtual_router_id: 51
      priority: { lb1: 150, lb2: 100 }
`,
  )
  const all = numbers(services).map((index) => service(index, index % pools))
  for (let start = 0; start < services; start += 100) {
    write(
      folder,
      `services/from-${start}.yml`,
      `services:\n${all.slice(start, start + 100).join("")}`,
    )
  }
}

function service(index, pool) {
  return `  service${index}:
    cluster: main
    vip: [ ${addressIn("10.2", index)} ]
    ports: [ 80/tcp ]
    scheduler: wlc
    check: { type: http, path: /healthz, status: 200, interval: 6s, timeout: 3s, retries: 3 }
    backends:
      group: pool${pool}
      weight: 10
`
}

/** One service on `hosts` real servers, reached as `connection` says; its directors are elsewhere, and left out by `--limit pool`. */
export function writeReachableFleet(folder, hosts, connection) {
  const vars = Object.entries(connection)
    .map(([name, value]) => `        ${name}: ${JSON.stringify(value)}\n`)
    .join("")
  const lines = hosts.map(
    ({ name, address }) =>
      `        ${name}: { ansible_host: ${address}, lbctl_address: ${addressIn("10.1", Number(name.slice(2)))} }\n`,
  )
  write(
    folder,
    "hosts.yml",
    `all:
  children:
    lb:
      hosts:
        lb1: { ansible_host: 10.0.0.11 }
    pool:
      vars:
${vars}      hosts:
${lines.join("")}`,
  )
  write(
    folder,
    "clusters.yml",
    `clusters:
  main:
    directors: lb
    real_servers: pool
    forwarding: dr
    vrrp: { interface: eth0, virtual_router_id: 51, priority: { lb1: 150 } }
`,
  )
  write(
    folder,
    "services/web.yml",
    `services:
  web:
    cluster: main
    vip: [ 10.2.0.1 ]
    ports: [ 80/tcp ]
    scheduler: wlc
`,
  )
}

function addressIn(net, index) {
  return `${net}.${index >> 8}.${index & 255}`
}

function numbers(count) {
  return Array.from({ length: count }, (_, index) => index)
}

function write(folder, name, text) {
  const path = join(folder, name)
  mkdirSync(join(path, ".."), { recursive: true })
  writeFileSync(path, text)
}
