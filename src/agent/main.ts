import { toFailure } from "../core/failure.ts"
import { roles } from "./messages.ts"
import { version } from "./version.ts"

/** A command: its words after the name in, its exit code out; it throws Failure. */
export type Command = (words: readonly string[]) => Promise<number>

interface Entry {
  readonly usage: string
  readonly load: () => Promise<Command>
}

const commands: Readonly<Record<string, Entry>> = {
  daemon: {
    usage: "daemon                        keep this director's IPVS; what systemd runs",
    load: async () => (await import("./commands/daemon.ts")).daemon,
  },
  check: {
    usage: "check FILE                    is this a desired state? says what is wrong with it",
    load: async () => (await import("./commands/check.ts")).check,
  },
  reload: {
    usage:
      "reload                        load /etc/lbctl/agent.json; wait until the kernel holds it",
    load: async () => (await import("./commands/reload.ts")).reload,
  },
  "reload-keepalived": {
    usage:
      "reload-keepalived             have keepalived read its file; what it lost stays in IPVS",
    load: async () => (await import("./commands/reload-keepalived.ts")).reloadKeepalived,
  },
  wait: {
    usage: "wait SECONDS                  until the health of every real server is known",
    load: async () => (await import("./commands/wait.ts")).wait,
  },
  observe: {
    usage: "observe                       print kernel table, health, overrides, VRRP as JSON",
    load: async () => (await import("./commands/observe.ts")).observe,
  },
  drain: {
    usage: "drain HOST[:SERVICE]|:SERVICE --by NAME [--reason TEXT] [--until TIME]",
    load: async () => (await import("./commands/override.ts")).drain,
  },
  resume: {
    usage: "resume HOST[:SERVICE]|:SERVICE --by NAME      end a drain",
    load: async () => (await import("./commands/override.ts")).resume,
  },
  disable: {
    usage: "disable HOST[:SERVICE]|:SERVICE --by NAME [--reason TEXT] [--until TIME]",
    load: async () => (await import("./commands/override.ts")).disable,
  },
  enable: {
    usage: "enable HOST[:SERVICE]|:SERVICE --by NAME      end a disable",
    load: async () => (await import("./commands/override.ts")).enable,
  },
  weight: {
    usage: "weight HOST[:SERVICE]|:SERVICE N|default --by NAME [--reason TEXT] [--until TIME]",
    load: async () => (await import("./commands/override.ts")).weight,
  },
  "merge-overrides": {
    usage: "merge-overrides RECORDS       take in what other directors were told, as JSON",
    load: async () => (await import("./commands/override.ts")).merge,
  },
  "tell-overrides": {
    usage:
      "tell-overrides RECORDS        the same for what is ordered now: access rules must grant it",
    load: async () => (await import("./commands/override.ts")).tell,
  },
  drained: {
    usage: "drained --timeout SECONDS (SERVICE SERVER)...   until they left the kernel",
    load: async () => (await import("./commands/drained.ts")).drained,
  },
  failover: {
    usage:
      "failover INSTANCE [--by NAME] [--reason TEXT]   hand the VIPs over, or take the priority back",
    load: async () => (await import("./commands/failover.ts")).failover,
  },
  connections: {
    usage: "connections [--vip V] [--server S] [--client C] [--limit N]   the kernel's, as JSON",
    load: async () => (await import("./commands/connections.ts")).connections,
  },
  arp: {
    usage: "arp INTERFACE ADDRESS...      who answers for these addresses, as JSON",
    load: async () => (await import("./commands/arp.ts")).arp,
  },
  probe: {
    usage: "probe INTERFACE QUESTIONS     how real servers answer on VIPs, both as JSON",
    load: async () => (await import("./commands/probe.ts")).probe,
  },
  adverts: {
    usage: "adverts INTERFACE             who else speaks VRRP there, as JSON; takes 4 seconds",
    load: async () => (await import("./commands/adverts.ts")).adverts,
  },
  release: {
    usage: "release                       take everything the agent made out of the kernel",
    load: async () => (await import("./commands/release.ts")).release,
  },
}

/** Runs one command line; returns the exit code: 0 done, 1 failed, 3 bad usage (docs/exit-codes.md). */
async function run([name = "--help", ...words]: readonly string[]): Promise<number> {
  if (name === "--version" || name === "--help") {
    process.stdout.write(name === "--help" ? help() : `lbagent ${version}\n`)
    return 0
  }
  const role = roles.find((known) => known === name)
  if (role !== undefined && process.send !== undefined) {
    const { runRole } = await import("./commands/daemon.ts")
    await runRole(role)
    return 0
  }
  const command = commands[name]
  if (command === undefined) {
    process.stderr.write(`lbagent: there is no command ${name}\n${help()}`)
    return 3
  }
  if (words.includes("--help")) {
    process.stdout.write(`lbagent ${command.usage}\n`)
    return 0
  }
  return (await command.load())(words)
}

function help(): string {
  const lines = Object.values(commands).map(({ usage }) => `  lbagent ${usage}\n`)
  return `lbagent ${version}: keeps a director's IPVS as lbctl defined it\n\n${lines.join("")}`
}

/** Errors are told in their own words; the exit code says whose they are. */
function conclude(thrown: unknown): number {
  const { message, hint, code } = toFailure(thrown)
  process.stderr.write(`lbagent: ${message}\n${hint === undefined ? "" : `  ${hint}\n`}`)
  return code === "input" ? 3 : 1
}

void run(process.argv.slice(2))
  .catch(conclude)
  .then((code) => (process.exitCode = code))
