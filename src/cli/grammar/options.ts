import { scriptSystems } from "../../model/system.ts"
import type { OptionSpec } from "./command.ts"

/** Options that several commands share; spelled once. */
export const options = {
  limit: {
    flags: "-l, --limit <pattern>",
    about: "only these hosts, as Ansible's patterns: names, groups, web[0:2], a:&b:!c, @FILE",
  },
  cluster: { flags: "--cluster <cluster>", about: "only this cluster of clusters.yml" },
  ownCluster: {
    flags: "--cluster <cluster>",
    about: "in this cluster; needed where the director is of several",
  },
  foreign: {
    flags: "--foreign <address>",
    about: "also take away this address, which is no VIP of the fleet; repeatable",
    repeatable: true,
  },
  vip: { flags: "--vip <address>", about: "to VIPs that begin with this" },
  server: { flags: "--server <address>", about: "to real servers that begin with this" },
  client: { flags: "--client <address>", about: "of clients that begin with this" },
  most: { flags: "-n, --number <count>", about: "so many of each director", fallback: "100" },
  tags: {
    flags: "-t, --tags <names>",
    about: "only hosts of these roles, or only these services (comma between)",
  },
  skipTags: {
    flags: "--skip-tags <names>",
    about: "no hosts of these roles, or not these services",
  },
  json: { flags: "--json", about: "print JSON for machines" },
  format: {
    flags: "--format <format>",
    about: "what for: people, machines, CI, a comment",
    choices: ["text", "json", "github", "gitlab", "markdown"],
  },
  applyFormat: {
    flags: "--format <format>",
    about: "what for: people, machines, GitHub Actions",
    choices: ["text", "json", "github"],
  },
  system: {
    flags: "--system <system>",
    about: "what the host runs (default: linux; freebsd where lbctl_init is rc)",
    choices: scriptSystems,
  },
  yes: { flags: "-y, --yes", about: "do not ask" },
  fix: { flags: "--fix", about: "apply to the hosts for which that is the cure, then look again" },
  diff: { flags: "-d, --diff", about: "show file contents before and after" },
  detailedExitcode: { flags: "--detailed-exitcode", about: "exit 2 when there are changes" },
  out: { flags: "-o, --out <file>", about: "save the plan, for lbctl apply FILE" },
  output: { flags: "-o, --output <dir>", about: "write DIR/HOST/PATH instead of printing" },
  allow: {
    flags: "--allow <guards>",
    about: "let it pass these guards (comma between them)",
  },
  confirmTimeout: {
    flags: "--confirm-timeout <duration>",
    about: "a node reverts unless confirmed within this time",
    fallback: "30s",
  },
  hostTimeout: {
    flags: "--host-timeout <duration>",
    about: "for all that is done on one host (default: 5m)",
  },
  serial: {
    flags: "--serial <sizes>",
    about: "hosts at once within a phase: 1, 25%, or a list 1,25%,100%",
  },
  maxFail: {
    flags: "--max-fail <limit>",
    about: "stop when more hosts fail: of the run (2) or of a batch (10%)",
  },
  canary: {
    flags: "--canary <hosts>",
    about: "change these first in their phase, and watch them before they are confirmed",
  },
  soak: { flags: "--soak <duration>", about: "how long a canary is watched (default: 30s)" },
  handover: {
    flags: "--handover",
    about: "hand VRRP over to a changed backup before a master changes",
  },
  noHandover: { flags: "--no-handover", about: "change masters in their place" },
  noHooks: { flags: "--no-hooks", about: "do not run the programs in hooks/" },
  hookTimeout: {
    flags: "--hook-timeout <duration>",
    about: "a hook fails after this time",
    fallback: "60s",
  },
  lockWait: {
    flags: "--lock-wait <duration>",
    about: "wait so long for others to give their locks back",
    fallback: "0s",
  },
  message: { flags: "-m, --message <text>", about: "why, and until when: others read it" },
  force: { flags: "--force", about: "whoever's lock it is" },
  to: {
    flags: "--to <id>",
    about: "as the run of that id left the hosts, or the release of that id",
  },
  number: { flags: "-n, --number <count>", about: "so many runs", fallback: "20" },
  run: { flags: "--run <id>", about: "all about one run; the beginning of its id does" },
  reason: { flags: "-r, --reason <text>", about: "shown by plan and show" },
  service: {
    flags: "--service <name>",
    about: "this service of the host that TARGET names as it stands, colons included",
  },
  by: { flags: "--by <name>", about: "who does it (default: you, at this machine)" },
  forTime: { flags: "--for <duration>", about: "it ends by itself after this time: 30m, 2h, 3d" },
  until: {
    flags: "--until <time>",
    about: "it ends by itself then: 18:30, or 2026-01-31T18:30Z",
  },
  interval: {
    flags: "--interval <duration>",
    about: "the time between two looks, 500ms to 1h",
    fallback: "2s",
  },
  sort: {
    flags: "--sort <order>",
    about: "rates of connections and bytes, active connections, or names",
    choices: ["connections", "active", "in", "out", "name"],
    fallback: "connections",
  },
  once: { flags: "--once", about: "one look, then end" },
  ramp: {
    flags: "--ramp <duration>",
    about: "its weight grows from 1 to the defined one over this time (default: at once)",
  },
  wait: {
    flags: "-w, --wait <duration>",
    about: "wait until its connections are gone, so long at most",
  },
} satisfies Readonly<Record<string, OptionSpec>>

/** Options of every command that applies. */
export const applyOptions: readonly OptionSpec[] = [
  options.limit,
  options.yes,
  options.allow,
  options.confirmTimeout,
  options.hostTimeout,
  options.serial,
  options.maxFail,
  options.canary,
  options.soak,
  options.lockWait,
  options.noHooks,
  options.hookTimeout,
  options.applyFormat,
  options.json,
]
