import { diffByKey } from "../core/keyed-diff.ts"
import type { DesiredSync } from "../model/desired.ts"
import type { Change } from "../model/plan.ts"

/** Connection synchronisation before and after, in the words of clusters.yml. */
export function planSync(wanted: readonly DesiredSync[], actual: readonly DesiredSync[]): Change[] {
  const diff = diffByKey(
    wanted,
    actual,
    ({ instance }) => instance,
    (a, b) => describe(a) === describe(b),
  )
  return [
    ...diff.add.map((sync) => change("add", sync, describe(sync))),
    ...diff.edit.map(({ before, after }) =>
      change("edit", after, `${describe(before)} -> ${describe(after)}`),
    ),
    ...diff.remove.map((sync) =>
      change("remove", sync, "a takeover then ends established connections"),
    ),
  ]
}

function describe({ interface: device, id, group, port, ttl, maxlen }: DesiredSync): string {
  return [
    `interface ${device}`,
    `id ${id}`,
    ...(group === undefined ? [] : [`group ${group}`]),
    ...(port === undefined ? [] : [`port ${port}`]),
    ...(ttl === undefined ? [] : [`ttl ${ttl}`]),
    ...(maxlen === undefined ? [] : [`sync_maxlen ${maxlen}`]),
  ].join(", ")
}

function change(action: Change["action"], { instance }: DesiredSync, meaning: string): Change {
  return { kind: "ipvs", action, subject: `connection_sync ${instance}`, meaning, risk: "low" }
}
