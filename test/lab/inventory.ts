import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import type { Outcome } from "./lib/exec.ts"
import type { Lab } from "./lib/lab.ts"
import { projectRoot } from "./lib/project.ts"

/** What differs from the usual inventory: lb… direct and rs… serve one cluster `lab` with a service `web`. */
export interface InventoryOptions {
  /** Variables of all hosts. */
  readonly vars?: Readonly<Record<string, unknown>>
  /** Hosts of the lab that the inventory does not know. */
  readonly without?: readonly string[]
  /** Hosts that stay out of the inventory's groups. */
  readonly spare?: readonly string[]
  /** Merged over the cluster. */
  readonly cluster?: Readonly<Record<string, unknown>>
  /** In place of the service `web`. */
  readonly services?: Readonly<Record<string, unknown>>
  /** More files of the user's repository, such as `roles/motd/role.yml`. */
  readonly files?: Readonly<Record<string, string>>
}

/** A user's repository in a folder of its own. */
export class Inventory {
  /** The repository; `inventories/lab` below it is the inventory. */
  readonly folder: string
  readonly path: string
  readonly #lab: Lab

  constructor(lab: Lab, options: InventoryOptions = {}) {
    this.#lab = lab
    this.folder = mkdtempSync(join(tmpdir(), "lbctl-inventory-"))
    this.path = join(this.folder, "inventories", "lab")
    this.write(options)
  }

  /** Replaces the inventory; files of before stay where `options` names none of that name. */
  write(options: InventoryOptions = {}): void {
    const { hosts, clusters, services } = documents(this.#lab, options)
    const files = {
      "inventories/lab/hosts.yml": yaml(hosts),
      "inventories/lab/clusters.yml": yaml(clusters),
      "inventories/lab/services/all.yml": yaml(services),
      ...options.files,
    }
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, name)), { recursive: true })
      writeFileSync(join(this.folder, name), text)
    }
  }

  /** Removes a file or folder of the repository. */
  drop(name: string): void {
    rmSync(join(this.folder, name), { recursive: true, force: true })
  }

  /** The command line of `lbctl COMMAND INVENTORY ARGUMENT...`, for `lab.controller.spawn`. */
  argv(command: string, ...more: readonly string[]): string[] {
    const words = command.split(" ")
    return [process.execPath, lbctlProgram(), ...words, this.path, ...more]
  }

  /** Runs lbctl on the controller to its end. */
  lbctl(command: string, ...more: readonly string[]): Promise<Outcome> {
    const options = { cwd: projectRoot(), timeout: 240_000 }
    return this.#lab.controller.exec(this.argv(command, ...more), options)
  }

  /** `lbctl apply --yes`. */
  apply(...more: readonly string[]): Promise<Outcome> {
    return this.lbctl("apply", "--yes", ...more)
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function lbctlProgram(): string {
  return join(projectRoot(), "bin", "lbctl.js")
}

/** JSON is YAML. */
function yaml(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

function documents(lab: Lab, options: InventoryOptions) {
  const { vars = {}, without = [], spare = [], cluster = {}, services = { web: {} } } = options
  const members = lab.nodes.filter((node) => !without.includes(node.name))
  const hosts = (chosen: (name: string) => boolean) => ({
    hosts: Object.fromEntries(
      members
        .filter((node) => chosen(node.name))
        .map((node) => [
          node.name,
          { ansible_host: node.address, lbctl_address: [node.address, node.address6] },
        ]),
    ),
  })
  const group = (prefix: string) =>
    hosts((name) => name.startsWith(prefix) && !spare.includes(name))
  const directors = Object.keys(group("lb").hosts)
  return {
    hosts: {
      all: {
        vars: {
          ansible_user: "root",
          ansible_ssh_private_key_file: lab.ssh.identity,
          ansible_ssh_common_args: `-o UserKnownHostsFile=${lab.ssh.knownHosts}`,
          ...vars,
        },
        ...hosts((name) => spare.includes(name)),
        children: { directors: group("lb"), servers: group("rs") },
      },
    },
    clusters: {
      clusters: {
        lab: {
          directors: "directors",
          real_servers: "servers",
          forwarding: "dr",
          vrrp: {
            interface: "eth0",
            virtual_router_id: 51,
            advert_int: "1s",
            priority: Object.fromEntries(directors.map((name, rank) => [name, 150 - rank * 50])),
          },
          ...cluster,
        },
      },
    },
    services: {
      services: Object.fromEntries(
        Object.entries(services).map(([name, service]) => [
          name,
          { ...usual, ...(service as object) },
        ]),
      ),
    },
  }
}

const usual = {
  cluster: "lab",
  vip: ["10.77.0.100", "fd77::100"],
  ports: ["80/tcp"],
  scheduler: "wrr",
  check: { type: "http", path: "/healthz", interval: "2s", timeout: "1s", retries: 1 },
}
