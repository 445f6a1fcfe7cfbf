import type { Override } from "../../model/agent-status.ts"
import { list, object, oneOf, text } from "../../core/shape.ts"

const instant = text(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

const overrides = list(
  object<Override>(
    {
      action: oneOf("drain"),
      host: text(),
      service: text(),
      by: text(),
      since: instant,
      reason: text(),
      expires: instant,
    },
    ["service", "reason", "expires"],
  ),
)

/** Overrides from the text of their file; undefined when it is damaged. */
export function parseOverrides(file: string): readonly Override[] | undefined {
  try {
    const value: unknown = JSON.parse(file)
    return overrides(value, "").length === 0 ? (value as readonly Override[]) : undefined
  } catch {
    return undefined
  }
}
