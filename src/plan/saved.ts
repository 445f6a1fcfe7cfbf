import { canonicalJson, sha256 } from "../core/digest.ts"
import type { Problem } from "../core/problem.ts"
import { err, ok, type Result } from "../core/result.ts"
import { isSavedPlanShape } from "./saved-shape.ts"
import type { SavedPlan } from "../model/saved-plan.ts"

/** Version of the file; grows when an older lbctl could not apply it exactly. */
export const savedPlanFormat = 1

/** What marks the file, whatever its name: its first key. */
const type = "lbctl-plan"
const mark = /^\uFEFF?\s*\{\s*"type"\s*:\s*"lbctl-plan"/

const hints = {
  again: "make it again: lbctl plan --out FILE",
  notPlan: "a saved plan is what lbctl plan --out FILE writes",
}

/** Whether a file that begins like this is, or was meant to be, a saved plan. */
export function looksLikeSavedPlan(start: string): boolean {
  return mark.test(start)
}

/** A saved plan as the text of its file; its digest shows later that nobody edited it. */
export function encodeSavedPlan(saved: SavedPlan): string {
  const content = JSON.parse(JSON.stringify(saved)) as object
  const head = { type, format_version: savedPlanFormat, digest: digestOf(content) }
  return `${JSON.stringify({ ...head, ...content }, undefined, 1)}\n`
}

/** The saved plan in a file's text. Problems: plan-file. */
export function decodeSavedPlan(text: string): Result<SavedPlan, Problem> {
  if (!looksLikeSavedPlan(text)) return refusal("this is not a saved plan", hints.notPlan)
  const file = parse(text)
  if (file === undefined) return refusal("the saved plan is damaged: it is cut off", hints.again)
  const { type: _type, format_version: version, digest, ...content } = file
  if (version !== savedPlanFormat) return refusal(versionWords(version, content), hints.again)
  if (digest !== digestOf(content))
    return refusal("the saved plan is damaged, or was edited: its digest is not right", hints.again)
  return isSavedPlanShape(content)
    ? ok(content)
    : refusal("the saved plan holds what this lbctl does not know", hints.again)
}

function digestOf(content: object): string {
  return sha256(canonicalJson(content))
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, "")) as Record<string, unknown>
  } catch {
    return undefined
  }
}

function versionWords(version: unknown, content: Readonly<Record<string, unknown>>): string {
  const by = typeof content["lbctl"] === "string" ? ` by lbctl ${content["lbctl"]}` : ""
  return `the saved plan was written${by} in format ${String(version)}; this lbctl reads ${savedPlanFormat}`
}

function refusal(message: string, hint: string): Result<never, Problem> {
  return err({ rule: "plan-file", message, hint })
}
