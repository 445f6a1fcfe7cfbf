import { list, object, oneOf, record, such, text, type Check } from "../core/shape.ts"
import {
  changeActions,
  changeKinds,
  guardNames,
  phases,
  risks,
  type Change,
  type Guard,
  type Notice,
  type ShownPlan,
  type ShownStep,
} from "../model/plan.ts"
import type { HostPrint, SavedPlan } from "../model/saved-plan.ts"
import { inits, isLoopback, type System } from "../model/system.ts"

const digest = text(/^[0-9a-f]{64}$/)

const change = object<Omit<Change, "before" | "after">>({
  kind: oneOf(...changeKinds),
  action: oneOf(...changeActions),
  subject: text(),
  meaning: text(),
  risk: oneOf(...risks),
})

const step = object<ShownStep>(
  {
    host: text(),
    phase: oneOf(...phases),
    cluster: text(),
    release: text(),
    changes: list(change),
  },
  ["cluster"],
)

const noticeFields = { host: text(), message: text(), hint: text() }
const notice = object<Notice>(noticeFields, ["host", "hint"])
const guard = object<Guard>({ ...noticeFields, guard: oneOf(...guardNames) }, ["host", "hint"])

const plan = object<ShownPlan>(
  {
    hosts: list(step),
    unchanged: list(text()),
    unreachable: list(notice),
    unmanaged: list(text()),
    blocked: list(notice),
    guards: list(guard),
    warnings: list(notice),
  },
  ["unmanaged"],
)

const system = object<System>({
  init: oneOf(...inits),
  loopback: such(isLoopback, "an owner of the loopback"),
})

const saved: Check = object<SavedPlan>(
  {
    lbctl: text(),
    created: text(),
    inventories: list(text()),
    commit: text(),
    limit: text(),
    tags: text(),
    skipTags: text(),
    hosts: record(
      object<HostPrint>({ bundle: text(), system, observed: record(digest) }, ["system"]),
    ),
    steps: list(digest),
    plan,
  },
  ["commit", "limit", "tags", "skipTags"],
)

/** Whether a value has every field of a saved plan, and no other. */
export function isSavedPlanShape(value: unknown): value is SavedPlan {
  return saved(value, "").length === 0
}
