// One inventory and one set of files, for lbctl (roles/, templates/) and for Ansible (ansible/): scripts/bench/site.
import { cpSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { ourAlgorithms } from "./sshd.mjs"

const source = fileURLToPath(new URL("site", import.meta.url))
const bareClient = fileURLToPath(new URL("bare-client.mjs", import.meta.url))
const lbctl = fileURLToPath(new URL("../../bin/lbctl.js", import.meta.url))

/** Where Debian puts Mitogen's strategies, whichever Python it has. */
const mitogen = "/usr/lib/python3/dist-packages/ansible_mitogen/plugins/strategy"

/**
 * Writes it for these hosts.
 * @returns for each tool the command of each case; that of the bare client; and the options to run them with
 */
export function writeSite(folder, sshd) {
  cpSync(source, folder, { recursive: true })
  const inventory = join(folder, "inventories/bench")
  mkdirSync(join(inventory, "group_vars"), { recursive: true })
  mkdirSync(join(inventory, "services"))
  const write = (name, data) =>
    writeFileSync(join(folder, name), JSON.stringify(data, undefined, 1))
  write("inventories/bench/hosts.yml", hostsOf(sshd))
  write("inventories/bench/group_vars/all.yml", { pools })
  write("inventories/bench/clusters.yml", { clusters })
  write("inventories/bench/services/web.yml", { services })
  write("bare.json", { ...sshd, short: true, algorithms: ourAlgorithms })
  const playbook = (strategy, ...more) => [
    "env",
    `ANSIBLE_CONFIG=${join(folder, "ansible/ansible.cfg")}`,
    ...strategy,
    "ansible-playbook",
    "-i",
    join(inventory, "hosts.yml"),
    join(folder, "ansible/playbook.yml"),
    ...more,
  ]
  const run = (...words) => [process.execPath, lbctl, ...words, inventory, "--limit", "fleet"]
  const threeOf = (...strategy) =>
    cases(playbook(strategy, "--check", "--diff"), playbook(strategy))
  return {
    commands: {
      lbctl: cases(run("plan", "--diff"), run("apply", "--yes")),
      ansible: threeOf(),
      mitogen: threeOf("ANSIBLE_STRATEGY=mitogen_linear", `ANSIBLE_STRATEGY_PLUGINS=${mitogen}`),
    },
    bare: [process.execPath, bareClient, join(folder, "bare.json")],
    options: { cwd: folder, log: join(folder, "log") },
  }
}

function cases(plan, apply) {
  return { "plan, all to change": plan, "first apply": apply, "no-op apply": apply }
}

function hostsOf({ hosts, port, user, key, knownHosts }) {
  const vars = {
    ansible_user: user,
    ansible_port: port,
    ansible_ssh_private_key_file: key,
    ansible_ssh_common_args: `-o UserKnownHostsFile=${knownHosts}`,
    ansible_python_interpreter: "/usr/bin/python3",
  }
  const named = Object.fromEntries(
    hosts.map(({ name, address }) => [name, { ansible_host: address }]),
  )
  const elsewhere = (name, address) => ({ hosts: { [name]: { ansible_host: address } } })
  return {
    all: {
      children: {
        fleet: { vars, hosts: named },
        lb: elsewhere("elsewhere1", "192.0.2.11"),
        pool: elsewhere("elsewhere2", "192.0.2.21"),
      },
    },
  }
}

/** As many as make keepalived.conf 50 kB. */
const pools = Array.from({ length: 52 }, (_, pool) => ({
  vip: `10.2.0.${pool + 1}`,
  servers: Array.from({ length: 5 }, (__, server) => ({
    address: `10.1.${pool}.${server + 1}`,
    weight: 10 + server,
  })),
}))

/** What lbctl asks for and this bench leaves out by --limit. */
const clusters = {
  main: {
    directors: "lb",
    real_servers: "pool",
    forwarding: "dr",
    vrrp: { interface: "eth0", virtual_router_id: 51, priority: { elsewhere1: 100 } },
  },
}
const services = {
  web: { cluster: "main", vip: ["192.0.2.10"], ports: ["80/tcp"], scheduler: "wlc" },
}
