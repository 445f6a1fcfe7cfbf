import { join } from "node:path"
import type { Document } from "../schema/documents.ts"
import { kindAt, namesIn } from "./disk.ts"
import { readFlawedDocument } from "./read-document.ts"
import type { Reading } from "./read-document.ts"

const names = ["role.yml", "role.yaml"]

/**
 * The role documents below `roles/` of the folders, by name of their folder; a role in an earlier folder replaces one of
 * the same name in a later. A folder without role.yml is no role of lbctl's (Ansible's live in `roles/` too).
 */
export function loadRoles(folders: readonly string[], reading: Reading): readonly Document[] {
  const paths = new Map<string, string>()
  for (const folder of folders) {
    const roles = join(folder, "roles")
    for (const name of namesIn(roles)) {
      const path = names
        .map((file) => join(roles, name, file))
        .find((file) => kindAt(file) === "file")
      if (path !== undefined && !paths.has(name)) paths.set(name, path)
    }
  }
  return [...paths]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, path]) => readFlawedDocument(path, reading) ?? [])
}
