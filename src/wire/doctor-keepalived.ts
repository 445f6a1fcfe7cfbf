import type { ExaminedKeepalived } from "../model/doctor.ts"

/** The records `keepalived KEY=VALUE` of lbctl-doctor.sh; undefined where systemd runs none. */
export function parseKeepalived(
  records: readonly (readonly string[])[],
): ExaminedKeepalived | undefined {
  const values = new Map(records.map((words) => split(words.join(" "), "=")))
  const mainPid = Number(values.get("MainPID") ?? 0)
  if (!(mainPid > 0)) return undefined
  const children = values.get("Children")
  const [file, named] = split(values.get("PidFile") ?? "", " ")
  const loadedAt = loadTime(values)
  const writtenAt = timeIn(values.get("ConfigurationTime"))
  return {
    mainPid,
    ...(children === undefined ? {} : { children: children.split(" ").flatMap(child) }),
    ...(file === "" ? {} : { pidFile: { path: file, pid: Number(named) } }),
    ...(loadedAt === undefined ? {} : { loadedAt }),
    ...(writtenAt === undefined ? {} : { writtenAt }),
  }
}

function split(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark)
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + mark.length)]
}

/** `1033:S`, the state of proc(5), /proc/PID/stat. */
function child(word: string): { pid: number; state: string }[] {
  const [pid, state] = split(word, ":")
  return state === "" ? [] : [{ pid: Number(pid), state }]
}

/**
 * With Type=notify keepalived tells systemd of each reload that it takes in, however it is told to (keepalived/core/main.c,
 * do_reload); otherwise the time is that of the last `systemctl reload`, and a signal leaves no trace.
 * The later of what the clock said then and of what it says now of it: it may have been set meanwhile.
 */
function loadTime(values: ReadonlyMap<string, string>): string | undefined {
  const stamp = values.get("StateChangeTimestamp") ?? ""
  if (values.get("Type")?.startsWith("notify") !== true || !stamp.endsWith(" UTC")) return undefined
  const times = [stamp, values.get("LoadTime")].flatMap((text) => timeIn(text) ?? [])
  return times.toSorted().at(-1)
}

/** To a second: `Sun 2026-11-22 09:53:58 UTC` of systemd, `2026-11-22 09:53:58.123456789 +0000` of stat(1). */
function timeIn(text = ""): string | undefined {
  return /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/.exec(text)?.[0]
}
