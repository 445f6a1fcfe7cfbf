import { execFileSync } from "node:child_process"
import { compileRoles } from "../../src/compile/role.ts"
import { formatProblem, type Problem } from "../../src/core/problem.ts"
import type { Result } from "../../src/core/result.ts"
import { loadRoles } from "../../src/load/roles.ts"
import { loadTemplates } from "../../src/load/templates.ts"
import { parseYaml } from "../../src/load/yaml.ts"
import type { Bundle } from "../../src/model/bundle.ts"
import { ipvsSysctls } from "../../src/compile/ipvs-sysctls.ts"
import type { DesiredService, DesiredVrrp, HostView } from "../../src/model/desired.ts"
import type { Role } from "../../src/model/role.ts"
import { renderBundle } from "../../src/render/bundle.ts"
import type { Templates } from "../../src/render/role.ts"
import type { Inventory } from "../../src/schema/documents.ts"

const at = { file: "hosts.yml", line: 1, column: 1 }

export const inventory: Inventory = {
  hosts: ["lb1", "rs1"].map((name) => ({ name, at, groups: ["all"], vars: {}, varAt: {} })),
  groups: { all: ["lb1", "rs1"], web: ["rs1"] },
}

/** The roles and templates that lbctl ships. */
export function shipped(): { roles: readonly Role[]; templates: Templates } {
  const reading = { currentFolder: process.cwd(), problems: [] }
  const { roles, problems } = compileRoles({
    roles: loadRoles([process.cwd()], reading),
    inventory,
  })
  expectNone([...reading.problems, ...problems])
  return { roles, templates: loadTemplates([process.cwd()], reading) }
}

/** A role from YAML, as if it stood in roles/NAME/role.yml. */
export function role(name: string, text: string): Role {
  const { roles, problems } = compileRoles({ roles: [document(name, text)], inventory })
  expectNone(problems)
  return roles[0] as Role
}

/** The document of roles/NAME/role.yml. */
export function document(name: string, text: string) {
  const parsed = parseYaml(text, `roles/${name}/role.yml`)
  if (!parsed.ok) throw new Error(parsed.error.map(formatProblem).join("\n"))
  return parsed.value
}

/** The bundle, or an error with all problems. */
export function bundleOf(
  view: HostView,
  { roles, templates }: { roles: readonly Role[]; templates: Templates } = shipped(),
): Bundle {
  return must(renderBundle(view, roles, templates))
}

export function must<T>(result: Result<T, readonly Problem[]>): T {
  if (result.ok) return result.value
  throw new Error(result.error.map(formatProblem).join("\n"))
}

/** The problems of a bad outcome, formatted. */
export function problemsOf(result: Result<unknown, readonly Problem[]>): string[] {
  return result.ok ? [] : result.error.map(formatProblem)
}

/** The content of a file of a bundle. */
export function contentOf(bundle: Bundle, path: string): string {
  const file = bundle.files.find((candidate) => candidate.path === path)
  if (file === undefined) throw new Error(`no ${path} in the bundle`)
  return file.content
}

export function service(changes: Partial<DesiredService> = {}): DesiredService {
  return {
    name: "web",
    cluster: "tokyo",
    key: { kind: "address", protocol: "tcp", address: "192.0.2.10", port: 80 },
    scheduler: "wlc",
    flags: [],
    onePacket: false,
    check: {
      type: "tcp",
      intervalMs: 6000,
      timeoutMs: 3000,
      retries: 1,
      delayBeforeRetryMs: 1000,
      rise: 1,
      via: "vip",
    },
    quorum: { up: 1, hysteresis: 0 },
    inhibitOnFailure: false,
    drainTimeoutMs: 30_000,
    servers: [
      {
        host: "rs1",
        address: "10.0.0.21",
        port: 80,
        weight: 1,
        upperThreshold: 0,
        lowerThreshold: 0,
        forwarding: "dr",
      },
    ],
    ...changes,
  }
}

export function vrrp(changes: Partial<DesiredVrrp> = {}): DesiredVrrp {
  return {
    cluster: "tokyo",
    instance: "tokyo",
    interface: "eth0",
    virtualRouterId: 51,
    priority: 150,
    advertIntervalMs: 1000,
    preempt: false,
    anchor: "169.254.255.51",
    vips: ["192.0.2.10", "2001:db8::10"],
    source: "10.0.0.11",
    unicastPeers: ["10.0.0.12"],
    directors: ["lb1", "lb2"],
    garpRefreshMs: 1000,
    lowestPeerPriority: 100,
    ...changes,
  }
}

export function directorView(
  instances: readonly DesiredVrrp[] = [vrrp()],
  services: readonly DesiredService[] = [service()],
): HostView {
  const director = { format: 1, services, vrrp: instances, connectionSync: [] } as const
  return {
    host: "lb1",
    addresses: ["10.0.0.11"],
    groups: ["all", "lb"],
    vars: {},
    agent: { id: "a1b2", path: "/opt/lbctl/agent/a1b2" },
    director,
    ipvsSysctls: ipvsSysctls(director, []),
  }
}

export function realserverView(changes: Partial<HostView["realserver"]> = {}): HostView {
  return {
    host: "rs1",
    addresses: ["10.0.0.21"],
    groups: ["all", "web"],
    vars: {},
    realserver: {
      vips: [
        { address: "192.0.2.10", prefix: 32, family: 4, services: ["web"], device: "lo" },
        { address: "2001:db8::10", prefix: 128, family: 6, services: ["web"], device: "lo" },
      ],
      tunnels: [],
      ...changes,
    },
  }
}

/** Whether a command is installed, for tests that ask a program's own opinion. */
export function installed(command: string): boolean {
  try {
    execFileSync("sh", ["-c", `command -v ${command}`], { stdio: "ignore" })
    return true
  } catch {
    return false
  }
}

function expectNone(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new Error(problems.map(formatProblem).join("\n"))
}
