import { parseDuration } from "../core/duration.ts"
import { hasErrors, sortProblems } from "../core/problem.ts"
import type { Problem } from "../core/problem.ts"
import type { Role, RoleFile, RoleHandler, RoleScope, RoleTarget, RoleText } from "../model/role.ts"
import { checkDocument } from "../schema/check.ts"
import type { Document, DocumentPath, Documents } from "../schema/documents.ts"
import type { RoleDocument } from "../schema/role.gen.ts"
import { roleProblems } from "./role-rules.ts"

type Entry<K extends keyof RoleDocument> =
  NonNullable<RoleDocument[K]> extends readonly (infer T)[] ? T : never

/** The sound roles, and all that is wrong with any; without errors among the problems they are all there. */
export interface CompiledRoles {
  readonly roles: readonly Role[]
  readonly problems: readonly Problem[]
}

/** The roles of the documents, every text with its place. Rules: those of the schema, and of role-rules.ts. */
export function compileRoles(documents: Pick<Documents, "roles" | "inventory">): CompiledRoles {
  const problems: Problem[] = []
  const roles = documents.roles.flatMap((document) => {
    const wrong = checkDocument("role", document)
    const found = wrong.length > 0 ? wrong : roleProblems(document, documents.inventory)
    problems.push(...found)
    return hasErrors(found) ? [] : [compileRole(document)]
  })
  return { roles, problems: sortProblems(problems) }
}

/** A document that passed its schema and rules as a role; the name is that of its folder. */
function compileRole(document: Document): Role {
  const role = document.value as RoleDocument
  const text = (path: DocumentPath, value: string | number): RoleText => ({
    text: String(value),
    at: document.locate(path),
  })
  const scope = (path: DocumentPath, entry: { each?: string; when?: string }): RoleScope => ({
    ...(entry.each === undefined ? {} : { each: text([...path, "each"], entry.each) }),
    ...(entry.when === undefined ? {} : { when: text([...path, "when"], entry.when) }),
  })
  const words = (path: DocumentPath, list: readonly string[]): RoleText[] =>
    list.map((word, index) => text([...path, index], word))
  const list = <T extends { each?: string; when?: string }, R>(
    key: keyof RoleDocument,
    entries: readonly T[] | undefined,
    make: (entry: T, path: DocumentPath) => R,
  ): (R & RoleScope)[] =>
    (entries ?? []).map((entry, index) => ({
      ...make(entry, [key, index]),
      ...scope([key, index], entry),
    }))

  return {
    name: roleName(document),
    target: targetOf(role),
    requires: list("requires", role.requires, (entry, path) => ({
      command: text([...path, "command"], entry.command),
      hint: text([...path, "hint"], entry.hint),
    })),
    modules: list("modules", role.modules, (entry, path) => ({
      name: text([...path, "name"], entry.name),
    })),
    sysctls: list("sysctls", role.sysctls, (entry, path) => ({
      key: text([...path, "key"], entry.key),
      value: text([...path, "value"], entry.value),
      ...(entry.why === undefined ? {} : { why: text([...path, "why"], entry.why) }),
    })),
    linksUp: list("links_up", role.links_up, (entry, path) => ({
      device: text([...path, "device"], entry.device),
    })),
    addresses: list("addresses", role.addresses, (entry, path) => ({
      address: text([...path, "address"], entry.address),
      device: text([...path, "device"], entry.device),
    })),
    files: list("files", role.files, file),
    units: list("units", role.units, (entry, path) => ({
      name: text([...path, "name"], entry.name),
      enabled: entry.enabled ?? true,
      running: entry.running ?? true,
    })),
    handlers: (role.handlers ?? []).map((entry, index) => handler(entry, ["handlers", index])),
  }

  function file(entry: Entry<"files">, path: DocumentPath): RoleFile {
    const kind = entry.template === undefined ? "content" : "template"
    return {
      path: text([...path, "path"], entry.path),
      source: { kind, text: text([...path, kind], entry[kind] ?? "") },
      mode: entry.mode ?? "0644",
      owner: entry.owner ?? "root:root",
      ...(entry.validate === undefined
        ? {}
        : { validate: words([...path, "validate"], entry.validate) }),
      notify: entry.notify ?? [],
    }
  }

  function handler(entry: Entry<"handlers">, path: DocumentPath): RoleHandler {
    const { name, unit, run, withdraw, await: awaited } = entry
    return {
      name,
      at: document.locate([...path, "name"]),
      ...(unit === undefined ? {} : { unit }),
      run: words([...path, "run"], run),
      ...(withdraw === undefined ? {} : { withdraw: words([...path, "withdraw"], withdraw) }),
      ...(awaited === undefined
        ? {}
        : {
            await: {
              run: words([...path, "await", "run"], awaited.run),
              timeoutSeconds: (parseDuration(awaited.timeout) ?? 0) / 1000,
            },
          }),
    }
  }
}

function roleName(document: Document): string {
  return document.file.split("/").at(-2) ?? document.file
}

function targetOf({ applies_to: to }: RoleDocument): RoleTarget {
  if (to.view !== undefined) return { by: "view", view: to.view }
  if (to.groups !== undefined) return { by: "groups", names: to.groups }
  return { by: "hosts", names: to.hosts ?? [] }
}
