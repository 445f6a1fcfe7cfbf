import { accessSync, constants, readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { Failure } from "../core/failure.ts"
import { nearest } from "../core/text.ts"
import { runHookProgram } from "./hook-program.ts"
import { operatorAtHost } from "./operator.ts"
import { complain } from "./output.ts"
import type { Definition } from "./pipeline.ts"

/** Executables of the user's repository, in its folder `hooks`, and when they run. */
export const hookNames = [
  "before-plan",
  "after-plan",
  "before-apply",
  "after-apply",
  "before-host",
  "after-host",
] as const
export type HookName = (typeof hookNames)[number]

/** Whether and how long hooks may run. */
export interface HookOptions {
  readonly enabled: boolean
  readonly timeoutMs: number
}

/** Version of what a hook reads; grows when one would have to change. */
const hookFormat = 1

/** One kind of hook, when the user has it: shows what it says by `tell`, and rejects when it fails. */
export type Hook = (
  facts: object,
  tell: (line: string) => void,
  signal?: AbortSignal,
) => Promise<void>

/**
 * The hook of this name; undefined when there is none, or none is wanted.
 * @throws Failure `input` when it cannot be executed.
 */
export function hookOf(
  name: HookName,
  { root, folder: inventory }: Pick<Definition, "root" | "folder">,
  { enabled, timeoutMs }: HookOptions,
): Hook | undefined {
  const folder = join(root, "hooks")
  if (!enabled || !hooksIn(folder).includes(name)) return undefined
  const path = join(folder, name)
  return async (facts, tell, signal) => {
    const about = { format: hookFormat, event: name, inventory, operator: operatorAtHost() }
    const input = `${JSON.stringify({ ...about, ...facts })}\n`
    await runHookProgram({ name, path, folder: root, input, timeoutMs, tell, signal })
  }
}

/** Runs a hook before something; what it says goes to standard error. @throws Failure when it fails: nothing was changed. */
export async function runBefore(
  name: "before-plan" | "before-apply",
  definition: Pick<Definition, "root" | "folder">,
  options: HookOptions,
  facts: object = {},
): Promise<void> {
  await hookOf(name, definition, options)?.(facts, (line) => complain(`${name}: ${line}`))
}

/** Runs a hook after something: its failure is a warning. */
export async function runAfter(
  name: "after-plan" | "after-apply",
  definition: Pick<Definition, "root" | "folder">,
  options: HookOptions,
  facts: object,
): Promise<void> {
  try {
    await hookOf(name, definition, options)?.(facts, (line) => complain(`${name}: ${line}`))
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.code === "interrupted") throw thrown
    complain(`warning: ${thrown.message}`)
  }
}

/** The hooks there are. A name that is close to one is taken for a typing error: a guard that never runs guards nothing. */
function hooksIn(folder: string): string[] {
  const names = namesIn(folder)
  for (const name of names) {
    const known = hookNames.find((hook) => hook === name)
    if (known !== undefined) refuseUnlessExecutable(join(folder, name))
    else refuseWhenNear(folder, name)
  }
  return names
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile())
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code
    if (code === "ENOENT" || code === "ENOTDIR") return []
    throw new Failure("input", `${folder} can't be read: ${code ?? String(thrown)}`, {
      hint: "correct its permissions, or go on with --no-hooks",
    })
  }
}

function refuseUnlessExecutable(path: string): void {
  try {
    accessSync(path, constants.X_OK)
  } catch {
    throw new Failure("input", `the hook ${path} is not executable`, {
      hint: `chmod +x ${path}, or go on with --no-hooks`,
    })
  }
}

function refuseWhenNear(folder: string, name: string): void {
  const near = nearest(name.replace(/\.\w+$/, "").replaceAll("_", "-"), hookNames)
  if (near === undefined || name.endsWith("~") || name.endsWith(".sample")) return
  throw new Failure("input", `${join(folder, name)} is no hook: it would never run`, {
    hint: `did you mean ${near}? Its name is just that, without an extension`,
  })
}
