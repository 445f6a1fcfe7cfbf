import { expect } from "vitest"
import { holding, settlesAt } from "./holding.ts"
import type { Inventory, InventoryOptions } from "./inventory.ts"
import type { Lab } from "./lib/lab.ts"
import type { LabNode } from "./lib/node.ts"
import { until } from "./lib/until.ts"
import { expectClean, openOn, type StartedApply, TwoStates } from "./two-states.ts"

/** The steps of the conversation with a node that something can be done to; `observe` is over before anything is written. */
export type Step = "stage" | "activate" | "converge" | "confirm" | "revert" | "settle"
type Word = "red" | "green"

/**
 * What a command of the role below does: it tells that it was reached, stays for as long as the test wants it to, and fails when
 * the test wants that. `$1` is its place, `$2` a file that holds the release's word.
 */
const hook = [
  `read -r word <"$2"`,
  `at=/run/faults/$1-$word`,
  `mkdir -p /run/faults`,
  `true >$at.reached`,
  `while [ -e $at.hold ]; do sleep 0.1; done`,
  `[ ! -e $at.fail ]`,
].join("; ")

const file = "/etc/faults-rs1"

/** Seconds that convergence may take. */
const patience = 10

/** A release of rs1, which serves no cluster: two files, a sysctl, and a command in every step that runs one. */
function release(lab: Lab, word: Word): InventoryOptions {
  const somaxconn = word === "red" ? 4001 : 4002
  const command = (place: string, path = file) => ["sh", "-c", hook, "hook", place, path]
  const role = {
    applies_to: { hosts: ["rs1"] },
    sysctls: [{ key: "net.core.somaxconn", value: somaxconn }],
    files: [
      { path: file, content: `${word}\n`, validate: command("stage", "%s"), notify: ["act"] },
      { path: "/etc/sysctl.d/91-faults.conf", content: `net.core.somaxconn=${somaxconn}\n` },
    ],
    handlers: [
      {
        name: "act",
        run: command("activate"),
        await: { run: command("converge"), timeout: `${patience}s` },
      },
    ],
  }
  const elsewhere = (name: string, address: string) => ({
    hosts: { [name]: { ansible_host: address } },
  })
  const hosts = {
    all: {
      vars: {
        ansible_user: "root",
        ansible_ssh_private_key_file: lab.ssh.identity,
        ansible_ssh_common_args: `-o UserKnownHostsFile=${lab.ssh.knownHosts}`,
      },
      hosts: { rs1: { ansible_host: lab.node("rs1").address } },
      children: {
        directors: elsewhere("lb1", "10.77.0.11"),
        servers: elsewhere("rs2", "10.77.0.22"),
      },
    },
  }
  return {
    services: { web: { vip: "10.77.0.100" } },
    cluster: { vrrp: { interface: "eth0", virtual_router_id: 51, priority: { lb1: 150 } } },
    files: {
      "inventories/lab/hosts.yml": JSON.stringify(hosts),
      "roles/faults-rs1/role.yml": JSON.stringify(role),
    },
  }
}

/** rs1 on its way between two releases, stopped wherever the test wants. */
export class Steps {
  readonly #lab: Lab
  readonly #fleet: TwoStates
  readonly #inventory: Inventory
  readonly node: LabNode
  readonly #states = new Map<Word, string>()
  now: Word = "red"

  constructor(lab: Lab) {
    this.#lab = lab
    this.#fleet = new TwoStates(lab)
    this.#inventory = this.#fleet.inventory
    this.node = lab.node("rs1")
  }

  get next(): Word {
    return this.now === "red" ? "green" : "red"
  }

  /** Reaches a release undisturbed; returns what lbctl said. */
  async reach(word: Word): Promise<string> {
    this.#inventory.write(release(this.#lab, word))
    const { code, stdout, stderr } = await this.second()
    expect(code, `${stdout}${stderr}`).toBe(0)
    await this.node.must("rm -rf /run/faults")
    this.now = word
    return `${stdout}${stderr}`
  }

  /** Learns what the node holds in each release. */
  async learn(): Promise<void> {
    for (const word of ["green", "red"] as const) {
      await this.reach(word)
      this.#states.set(word, await holding(this.node))
    }
  }

  /** After a test that failed: nothing spoils the node any more, and it is on a release. */
  async recover(): Promise<void> {
    await this.#lab.heal()
    if (this.node.running) this.node.thaw()
    else await this.node.boot()
    await this.node.must("umount /etc 2>/dev/null; rm -rf /run/faults /var/lib/faults-fill")
    await this.reach(this.now)
  }

  remove(): void {
    this.#inventory.remove()
  }

  /** Another apply of the release that is defined. */
  second(): ReturnType<Inventory["apply"]> {
    return this.#inventory.apply("--limit", "rs1", "--confirm-timeout", "5s")
  }

  /**
   * Starts an apply of the other release and returns once the node is held in the step; with `before`, a way back is held
   * off before it begins.
   */
  async startUntil(step: Step, before = false): Promise<StartedApply> {
    if (step === "settle") {
      const abandoned = await this.startUntil("activate")
      abandoned.kill("SIGKILL")
      await abandoned.ended
    }
    const place =
      before && step === "revert" ? `activate-${this.next}` : placeOf(step, this.now, this.next)
    await this.#mark(`${place}.hold`)
    if (step === "revert") await this.#mark(`activate-${this.next}.fail`)
    if (step === "confirm") await this.#mark(`converge-${this.next}.hold`)
    this.#inventory.write(release(this.#lab, this.next))
    const run = this.#fleet.start(undefined, "--limit", "rs1", "--confirm-timeout", "5s")
    if (step === "confirm") await this.#holdConfirmation(run)
    await this.#reached(place, run)
    return run
  }

  /** Nothing holds the node any more. */
  async release(): Promise<void> {
    await this.node.must("rm -f /run/faults/*.hold")
  }

  /** The node ends up on the release it came from or on the one it goes to, with nothing open. */
  async endsOnOne(): Promise<void> {
    await until(
      "nothing is open on rs1",
      { timeout: 90_000 },
      async () => (await openOn([this.node])).length === 0,
    )
    await settlesAt(this.node, Object.fromEntries(this.#states))
    await this.#expectConfirmed()
  }

  /** The next apply explains what was left or ended badly, finishes, and leaves nothing over. */
  async finish(): Promise<void> {
    await this.node.must("rm -rf /run/faults")
    const trace = await this.node.must("cd /var/lib/lbctl; ls open last 2>/dev/null; true")
    const said = (await this.reach(this.next)).replaceAll(/\s+/g, " ")
    if (trace !== "")
      expect(said).toMatch(/rs1: (the last activation|release .* taken back|.*it stays)/)
    await expectClean(this.node)
    await this.#expectConfirmed()
    await settlesAt(this.node, { [this.now]: this.#states.get(this.now) ?? "" })
  }

  /** What the node calls its confirmed release is what it holds. */
  async #expectConfirmed(): Promise<void> {
    const sum = await this.node.must(`sha256sum <${file}`)
    const owned = await this.node.must("cat /var/lib/lbctl/current/manifest")
    expect(owned).toContain(`own file ${file} ${sum.slice(0, 64)}`)
  }

  async #mark(name: string): Promise<void> {
    await this.node.must(`mkdir -p /run/faults; true >/run/faults/${name}`)
  }

  async #reached(place: string, run: StartedApply): Promise<void> {
    const options = { timeout: 60_000, detail: () => run.said() }
    await until(`rs1 is held at ${place}`, options, async () => {
      return (await this.node.run(`test -e /run/faults/${place}.reached`)).code === 0
    })
  }

  /** A confirmation waits for the lock of those who change the node: the test takes it as the activation lets go of it. */
  async #holdConfirmation(run: StartedApply): Promise<void> {
    const converge = `converge-${this.next}`
    await this.#reached(converge, run)
    const holder = `exec 9>>/run/lbctl/work.lock; true >/run/faults/holder.reached; flock 9
true >/run/faults/confirm.reached; while [ -e /run/faults/confirm.hold ]; do sleep 0.1; done`
    await this.node.must("cat >/run/faults/holder", { input: holder })
    await this.node.must("systemd-run --quiet --collect --unit=faults-holder sh /run/faults/holder")
    await this.#reached("holder", run)
    await this.node.must(`rm /run/faults/${converge}.hold`)
  }
}

/** Where the node is to be held; on its way back the handler runs for the old release. */
function placeOf(step: Step, now: Word, next: Word): string {
  if (step === "confirm") return "confirm"
  if (step === "revert" || step === "settle") return `activate-${now}`
  return `${step}-${next}`
}
