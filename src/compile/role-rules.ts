import type { Problem, SourceRef } from "../core/problem.ts"
import { quotedSuggestion } from "../core/suggestion.ts"
import type { Document, Documents } from "../schema/documents.ts"
import type { RoleDocument } from "../schema/role.gen.ts"

/**
 * What the schema can't say of a role: role-target (a warning: roles are shared by inventories, and not each has every
 * group), role-file (not exactly one of template and content, a validate command that never names the file), role-handler
 * (a handler that is not there, or twice).
 */
export function roleProblems(document: Document, inventory: Documents["inventory"]): Problem[] {
  const role = document.value as RoleDocument
  return [
    ...targetProblems(document, role, inventory),
    ...(role.files ?? []).flatMap((_, index) => fileProblems(document, role, index)),
    ...(role.handlers ?? []).flatMap(({ name }, index, all) =>
      all.findIndex((other) => other.name === name) === index
        ? []
        : [
            problem(
              "role-handler",
              `the handler ${name} is there twice`,
              document.locate(["handlers", index, "name"]),
            ),
          ],
    ),
  ]
}

function targetProblems(
  document: Document,
  role: RoleDocument,
  inventory: Documents["inventory"],
): Problem[] {
  const unknown = (key: "groups" | "hosts", noun: string, known: readonly string[]): Problem[] =>
    (role.applies_to[key] ?? []).flatMap((name, index) => {
      if (known.includes(name)) return []
      const at = document.locate(["applies_to", key, index])
      const message = `the inventory has no ${noun} "${name}"`
      return [{ ...problem("role-target", message, at, close(name, known)), severity: "warning" }]
    })
  return [
    ...unknown("groups", "group", ["all", ...Object.keys(inventory.groups)]),
    ...unknown(
      "hosts",
      "host",
      inventory.hosts.map((host) => host.name),
    ),
  ]
}

function fileProblems(document: Document, role: RoleDocument, index: number): Problem[] {
  const file = role.files?.[index]
  if (file === undefined) return []
  const handlers = (role.handlers ?? []).map(({ name }) => name)
  const problems: Problem[] = []
  if ((file.template === undefined) === (file.content === undefined)) {
    const what =
      file.template === undefined ? "neither template nor content" : "both template and content"
    const at = document.locate(["files", index])
    problems.push(problem("role-file", `${file.path} has ${what}`, at, "write one of the two"))
  }
  if (file.validate !== undefined && !file.validate.some((word) => word.includes("%s"))) {
    const at = document.locate(["files", index, "validate"])
    problems.push(
      problem(
        "role-file",
        "this command never names the file",
        at,
        "write %s where its path belongs",
      ),
    )
  }
  for (const [position, name] of (file.notify ?? []).entries()) {
    if (handlers.includes(name)) continue
    const at = document.locate(["files", index, "notify", position])
    problems.push(
      problem("role-handler", `the role has no handler "${name}"`, at, close(name, handlers)),
    )
  }
  return problems
}

function close(name: string, known: readonly string[]): string {
  return quotedSuggestion(name, known, `there are: ${known.join(", ") || "none"}`)
}

function problem(rule: string, message: string, at: SourceRef, hint?: string): Problem {
  return { rule, message, at, ...(hint === undefined ? {} : { hint }) }
}
