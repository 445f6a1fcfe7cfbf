import type { SourceRef } from "../core/problem.ts"
import type { Bundle, FileResource, Handler, UnitResource } from "../model/bundle.ts"
import type { Role, RoleFile, RoleHandler } from "../model/role.ts"
import type { TemplateText } from "./engine.ts"
import type { Fill } from "./fill.ts"
import { sysctlKey } from "./sysctl-key.ts"
import { cidr, filled, line, name, parseCidr, path, sysctl } from "./values.ts"

type Item<List extends readonly unknown[]> = List[number]

/** A sysctl as files of its role see it. */
export interface SysctlView {
  readonly key: string
  /** Below /proc/sys. */
  readonly path: string
  readonly value: string
  readonly why: string | null
}

/** A command that must be there. */
export function requirement(
  entry: Item<Role["requires"]>,
  fill: Fill,
): Item<Bundle["requires"]> | undefined {
  const command = fill.text(entry.command, name)
  const hint = fill.text(entry.hint, line)
  return command === undefined || hint === undefined ? undefined : { command, hint }
}

/** A sysctl, its key in the one spelling that bundles use. */
export function sysctlSetting(entry: Item<Role["sysctls"]>, fill: Fill): SysctlView | undefined {
  const key = fill.text(entry.key, sysctl)
  const value = fill.text(entry.value, line)
  const why = entry.why === undefined ? null : fill.text(entry.why, line)
  const spelt = key === undefined ? undefined : sysctlKey(key)
  if (spelt === undefined || value === undefined || why === undefined) return undefined
  return { ...spelt, value, why }
}

/** An address of an interface. */
export function address(
  entry: Item<Role["addresses"]>,
  fill: Fill,
): Item<Bundle["addresses"]> | undefined {
  const text = fill.text(entry.address, cidr)
  const device = fill.text(entry.device, name)
  const parsed = text === undefined ? undefined : parseCidr(text)
  return parsed === undefined || device === undefined ? undefined : { ...parsed, device }
}

/** A unit and how it shall be. */
export function unit(entry: Item<Role["units"]>, fill: Fill): UnitResource | undefined {
  const { enabled, running } = entry
  const unitName = fill.text(entry.name, name)
  return unitName === undefined ? undefined : { name: unitName, enabled, running }
}

/** A file; `template` gives the text of its source, or reports that there is none. */
export function file(
  entry: RoleFile,
  fill: Fill,
  template: (source: RoleFile["source"], fill: Fill) => TemplateText | undefined,
): FileResource | undefined {
  const { mode, owner, notify } = entry
  const filePath = fill.text(entry.path, path)
  const source = template(entry.source, fill)
  const check = entry.validate === undefined ? undefined : filled
  const content = source === undefined ? undefined : fill.content(source, check)
  const validate = fill.words(entry.validate ?? [])
  if (filePath === undefined || content === undefined || validate === undefined) return undefined
  const checked = entry.validate === undefined ? {} : { validate }
  const secret = content.secret ? { secret: true as const } : {}
  return { path: filePath, mode, owner, content: content.text, ...secret, ...checked, notify }
}

/** A handler. */
export function handler(entry: RoleHandler, fill: Fill): Handler | undefined {
  const run = fill.words(entry.run)
  const withdraw = fill.words(entry.withdraw ?? [])
  const awaited = fill.words(entry.await?.run ?? [])
  if (run === undefined || withdraw === undefined || awaited === undefined) return undefined
  return {
    name: entry.name,
    ...(entry.unit === undefined ? {} : { unit: entry.unit }),
    run,
    ...(entry.withdraw === undefined ? {} : { withdraw }),
    ...(entry.await === undefined
      ? {}
      : { await: { run: awaited, timeoutSeconds: entry.await.timeoutSeconds } }),
  }
}

/** Something a role wants, and where it says so. */
export interface Wanted<T> {
  readonly value: T
  readonly at: SourceRef
}
