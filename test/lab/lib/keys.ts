import { chmod, copyFile, mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { must } from "./exec.ts"
import type { ResolvedNode } from "./spec.ts"
import { lanAddresses } from "./spec.ts"

/** Where in a lab's state folder ssh finds things. */
export interface SshFiles {
  /** The private key that every node lets in as root. */
  readonly identity: string
  readonly knownHosts: string
  readonly config: string
}

/** The folder a node's first boot is seeded from. */
export function seedDir(stateDir: string, name: string): string {
  return join(stateDir, "seed", name)
}

/** Makes the client's key, one host key a node, and all that a node's first boot asks for. */
export async function writeSeeds(
  stateDir: string,
  nodes: readonly ResolvedNode[],
  options: { readonly ops: boolean },
): Promise<SshFiles> {
  const files = {
    identity: join(stateDir, "id_ed25519"),
    knownHosts: join(stateDir, "known_hosts"),
    config: join(stateDir, "ssh_config"),
  }
  await makeKey(files.identity, "lab")
  await Promise.all(nodes.map((node) => writeSeed(stateDir, node, nodes, options)))
  const hostKeys = await Promise.all(nodes.map((node) => knownHostsLines(stateDir, node)))
  await writeFile(files.knownHosts, hostKeys.join(""))
  await writeFile(files.config, sshConfig(files, nodes))
  return files
}

async function writeSeed(
  stateDir: string,
  node: ResolvedNode,
  nodes: readonly ResolvedNode[],
  options: { readonly ops: boolean },
): Promise<void> {
  const dir = seedDir(stateDir, node.name)
  await mkdir(dir, { recursive: true })
  await makeKey(join(dir, "ssh_host_ed25519_key"), node.name)
  await copyFile(join(stateDir, "id_ed25519.pub"), join(dir, "authorized_keys"))
  await writeFile(join(dir, "hostname"), `${node.name}\n`)
  await writeFile(join(dir, "hosts"), hostsFile(nodes))
  await writeFile(join(dir, "network.batch"), networkBatch(node))
  if (options.ops) await writeFile(join(dir, "ops"), "")
}

async function makeKey(path: string, comment: string): Promise<void> {
  await must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path])
  await chmod(path, 0o600)
}

async function knownHostsLines(stateDir: string, node: ResolvedNode): Promise<string> {
  const path = join(seedDir(stateDir, node.name), "ssh_host_ed25519_key.pub")
  const [type = "", key = ""] = (await readFile(path, "utf8")).split(" ")
  return [node.address, node.address6, node.name].map((host) => `${host} ${type} ${key}\n`).join("")
}

function sshConfig(files: SshFiles, nodes: readonly ResolvedNode[]): string {
  const hosts = nodes.map((node) => `Host ${node.name}\n  HostName ${node.address}\n`)
  return `${hosts.join("")}Host *
  User root
  IdentityFile ${files.identity}
  IdentitiesOnly yes
  UserKnownHostsFile ${files.knownHosts}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  BatchMode yes
  LogLevel ERROR
  ConnectTimeout 10
  ServerAliveInterval 5
  ServerAliveCountMax 3
`
}

function hostsFile(nodes: readonly ResolvedNode[]): string {
  const lines = nodes.map(
    ({ name, address, address6 }) => `${address} ${name}\n${address6} ${name}\n`,
  )
  return `127.0.0.1 localhost\n::1 localhost\n${lines.join("")}`
}

function networkBatch(node: ResolvedNode): string {
  return `link set lo up
link set vec0 name eth0
link set eth0 up
addr add ${node.address}/24 dev eth0
addr add ${node.address6}/64 dev eth0 nodad
route add default via ${lanAddresses.controller}
route add default via ${lanAddresses.controller6}
`
}
