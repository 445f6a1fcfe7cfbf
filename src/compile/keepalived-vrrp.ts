import { defaultGarpDelayMs, defaultVersion } from "../model/keepalived.ts"
import type { KeepalivedBlock, KeepalivedVrrp } from "../model/keepalived.ts"
import type {
  KeepalivedVrrp as Source,
  TrackedFile,
  TrackedProcess,
  TrackedScript,
} from "../schema/clusters.gen.ts"
import { milliseconds } from "./defaults.ts"

/**
 * `vrrp.keepalived` of a cluster as lines of keepalived.conf(5). What is defined by a name of its own gets the cluster's
 * before it: names are global in the file, and a host may direct several clusters.
 */
export function compileKeepalivedVrrp(source: Source, cluster: string): KeepalivedVrrp {
  const scripts = Object.entries(source.track_script ?? {})
  const processes = Object.entries(source.track_process ?? {})
  const files = Object.entries(source.track_file ?? {})
  const own = (name: string): string => `${cluster}_${name}`
  const tracked = (kind: string, names: readonly string[]) =>
    names.length === 0 ? [] : [{ head: kind, lines: names }]
  const notify = notifyLines(source)
  return {
    version: source.version ?? defaultVersion,
    garpMasterDelayMs: milliseconds(source.garp_master_delay, defaultGarpDelayMs),
    definitions: [
      ...scripts.map(([name, script]) => scriptBlock(own(name), script)),
      ...processes.map(([name, process]) => processBlock(own(name), process)),
      ...files.map(([name, file]) => fileBlock(own(name), file)),
    ],
    lines: [...settings(source), ...notify],
    blocks: [
      ...tracked(
        "track_interface",
        Object.entries(source.track_interface ?? {}).map(([name, item]) =>
          item?.weight === undefined ? name : `${name} weight ${item.weight}`,
        ),
      ),
      ...tracked(
        "track_script",
        scripts.map(([name]) => own(name)),
      ),
      ...tracked(
        "track_process",
        processes.map(([name]) => own(name)),
      ),
      ...tracked(
        "track_file",
        files.map(([name]) => own(name)),
      ),
      ...tracked("virtual_routes", source.virtual_routes ?? []),
      ...tracked("virtual_rules", source.virtual_rules ?? []),
    ],
    scripts: scripts.length > 0 || runsPrograms(notify),
  }
}

function settings(source: Source): string[] {
  const { preempt_delay: delay, garp_lower_prio_delay: lower } = source
  return [
    ...(delay === undefined ? [] : [`preempt_delay ${seconds(delay)}`]),
    ...(lower === undefined ? [] : [`garp_lower_prio_delay ${seconds(lower)}`]),
    ...numbers(source),
    ...flags(source),
  ]
}

function numbers(source: Source): string[] {
  const words = [
    "garp_master_repeat",
    "garp_master_refresh_repeat",
    "garp_lower_prio_repeat",
  ] as const
  return words.flatMap((word) => (source[word] === undefined ? [] : [`${word} ${source[word]}`]))
}

function flags(source: Source): string[] {
  const on = (["dont_track_primary"] as const).filter((word) => source[word] === true)
  const either = ["higher_prio_send_advert", "lower_prio_no_advert"] as const
  return [
    ...on,
    ...either.flatMap((word) => (source[word] === undefined ? [] : [`${word} ${source[word]}`])),
  ]
}

const notifyWords = [
  "notify_master",
  "notify_backup",
  "notify_fault",
  "notify_stop",
  "notify",
] as const

/** Whom keepalived tells of transitions: programs, and by mail. */
export function notifyLines(
  source: Pick<Source, (typeof notifyWords)[number] | "smtp_alert">,
): string[] {
  return [
    ...(source.smtp_alert === undefined ? [] : [`smtp_alert ${source.smtp_alert}`]),
    ...notifyWords.flatMap((word) =>
      source[word] === undefined ? [] : [`${word} "${source[word]}"`],
    ),
  ]
}

/** Whether some of these lines runs a program. */
export function runsPrograms(lines: readonly string[]): boolean {
  return lines.some((line) => line.startsWith("notify"))
}

function scriptBlock(name: string, script: TrackedScript): KeepalivedBlock {
  const { interval, timeout, rise, fall, init_fail: initFail, weight } = script
  const every = interval ?? "1s"
  return {
    head: `vrrp_script ${name}`,
    lines: [
      `script "${script.script}"`,
      `interval ${seconds(every)}`,
      `timeout ${seconds(timeout ?? every)}`,
      `rise ${rise ?? 1}`,
      `fall ${fall ?? 1}`,
      `weight ${weight ?? 0}`,
      ...(initFail === true ? ["init_fail"] : []),
    ],
  }
}

function processBlock(name: string, process: TrackedProcess): KeepalivedBlock {
  return {
    head: `vrrp_track_process ${name}`,
    lines: [
      `process ${process.process}`,
      `quorum ${process.quorum ?? 1}`,
      `weight ${process.weight ?? 0}`,
      ...(process.full_command === true ? ["full_command"] : []),
    ],
  }
}

function fileBlock(name: string, file: TrackedFile): KeepalivedBlock {
  return {
    head: `track_file ${name}`,
    lines: [`file ${file.file}`, `weight ${file.weight ?? 1}`],
  }
}

/** A duration that the schema has passed, in seconds. */
function seconds(text: string): number {
  return milliseconds(text, 0) / 1000
}
