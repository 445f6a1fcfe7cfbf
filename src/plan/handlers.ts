import type { Bundle, Handler } from "../model/bundle.ts"
import type { Operation } from "../model/plan.ts"

/** What an activation does that handlers depend on. */
export interface HandlerCauses {
  /** Paths of files that change, or whose effect drifted. */
  readonly changed: readonly string[]
  /** Paths of files the host did not have before: their handlers carry the way to withdraw. */
  readonly first: readonly string[]
  /** Units that are started anyway. */
  readonly started: readonly string[]
}

/**
 * The handlers that run, in the bundle's order, each once and followed by what it waits for. One whose unit starts in
 * this activation has nothing to tell it, unless it also carries the way back.
 */
export function handlerOperations(bundle: Bundle, causes: HandlerCauses): Operation[] {
  const notified = notifiedBy(bundle, causes.changed)
  const fresh = notifiedBy(bundle, causes.first)
  const withSecrets = bundle.files.filter((file) => file.secret === true).map(({ path }) => path)
  const quiet = notifiedBy(bundle, withSecrets)
  return bundle.handlers
    .filter((handler) => notified.has(handler.name))
    .flatMap((handler): HandlerOperation[] => [
      ...runs(handler, fresh.has(handler.name), causes.started),
      ...(handler.await === undefined
        ? []
        : [{ op: "await", name: handler.name, ...handler.await } satisfies Operation]),
    ])
    .map((operation) => (quiet.has(operation.name) ? { ...operation, quiet: true } : operation))
}

type HandlerOperation = Extract<Operation, { readonly op: "run" | "await" }>

function runs(handler: Handler, fresh: boolean, started: readonly string[]): HandlerOperation[] {
  const withdraw = fresh ? handler.withdraw : undefined
  const idle = handler.unit !== undefined && started.includes(handler.unit)
  if (idle && withdraw === undefined) return []
  return [
    {
      op: "run",
      name: handler.name,
      run: handler.run,
      ...(withdraw === undefined ? {} : { withdraw }),
    },
  ]
}

function notifiedBy(bundle: Bundle, paths: readonly string[]): Set<string> {
  return new Set(
    bundle.files.filter((file) => paths.includes(file.path)).flatMap((file) => file.notify),
  )
}
