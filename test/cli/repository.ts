import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { onTestFinished } from "vitest"
import type { Sshd } from "../push/sshd.ts"

/** What stands in a user's repository, by path; a function makes a text of the usual one. */
export type Edits = Readonly<Record<string, string | Uint8Array | ((usual: string) => string)>>

/** A sound inventory `inventories/prod` of two directors and two real servers, which nobody answers for. */
export const usual = {
  "inventories/prod/hosts.yml": `all:
  vars: { ansible_user: root }
  children:
    lb: { hosts: { lb1: { ansible_host: 192.0.2.11 }, lb2: { ansible_host: 192.0.2.12 } } }
    web: { hosts: { rs1: { ansible_host: 192.0.2.21 }, rs2: { ansible_host: 192.0.2.22 } } }
`,
  "inventories/prod/clusters.yml": `clusters:
  main:
    directors: lb
    real_servers: web
    forwarding: dr
    vrrp:
      interface: eth0
      virtual_router_id: 51
      preempt: false
`,
  "inventories/prod/services/web.yml": `services:
  web:
    cluster: main
    vip: 192.0.2.10
    ports: [80/tcp]
    scheduler: wlc
    check: { type: http, path: /, interval: 6s, timeout: 3s }
`,
} as const

/** The usual hosts, which nobody answers for, and app1 of the group app, which is behind the sshd. */
export function appHosts({ port, user }: Pick<Sshd, "port" | "user">): string {
  const host = `{ ansible_host: 127.0.0.1, ansible_port: ${port}, ansible_user: ${user} }`
  return `${usual["inventories/prod/hosts.yml"]}    app: { hosts: { app1: ${host} } }\n`
}

/** A folder for the test that calls this, gone when it is done. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "lbctl-cli-"))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A repository with the usual files, edited. */
export function repository(edits: Edits = {}): string {
  const root = folder()
  const texts: Readonly<Record<string, string>> = usual
  const all: Edits = { ...usual, ...edits }
  for (const [path, edit] of Object.entries(all)) {
    const content = typeof edit === "function" ? edit(texts[path] ?? "") : edit
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return root
}
