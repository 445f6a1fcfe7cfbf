import type { Bundle } from "../model/bundle.ts"
import type { Change } from "../model/plan.ts"
import type { Observed } from "../model/observed.ts"
import type { Planned } from "./planned.ts"

/** Units to enable, disable, start or stop. */
export function planUnits(bundle: Bundle, observed: Observed): Planned[] {
  return bundle.units.flatMap((unit) => {
    const now = observed.units[unit.name] ?? { exists: false, enabled: false, running: false }
    const steps: Planned[] = []
    if (unit.enabled !== now.enabled) {
      steps.push({
        change: change(
          unit.name,
          unit.enabled ? "enable, so that it starts at boot" : "disable",
          "none",
        ),
        operation: { op: unit.enabled ? "unit-enable" : "unit-disable", name: unit.name },
      })
    }
    if (unit.running !== now.running) {
      steps.push({
        change: change(unit.name, unit.running ? "start" : "stop", unit.running ? "low" : "high"),
        operation: { op: unit.running ? "unit-start" : "unit-stop", name: unit.name },
      })
    }
    return steps
  })
}

/** Units of the confirmed release that the bundle no longer has. */
export function planUnitRemovals(bundle: Bundle, observed: Observed): Planned[] {
  return observed.owned.units
    .filter((name) => !bundle.units.some((unit) => unit.name === name))
    .flatMap((name) => {
      const now = observed.units[name]
      if (now === undefined || !now.exists) return []
      const steps: Planned[] = []
      if (now.running) {
        steps.push({ change: change(name, "stop", "high"), operation: { op: "unit-stop", name } })
      }
      if (now.enabled) {
        steps.push({
          change: change(name, "disable", "none"),
          operation: { op: "unit-disable", name },
        })
      }
      return steps
    })
}

function change(subject: string, meaning: string, risk: Change["risk"]): Change {
  return { kind: "unit", action: "edit", subject, meaning, risk }
}
