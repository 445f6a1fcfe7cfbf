import { join } from "node:path"
import type { TemplateSource } from "../schema/documents.ts"
import { displayPath, filesBelow, readText } from "./disk.ts"
import type { Reading } from "./read-document.ts"

/**
 * Handlebars templates below `templates/` of the folders by their name there (`director/keepalived.conf.hbs`); one in an
 * earlier folder replaces one of the same name in a later.
 */
export function loadTemplates(
  folders: readonly string[],
  reading: Reading,
): Readonly<Record<string, TemplateSource>> {
  const found = new Map<string, TemplateSource>()
  for (const folder of folders) {
    const templates = join(folder, "templates")
    for (const name of filesBelow(templates)) {
      if (!name.endsWith(".hbs") || found.has(name)) continue
      const path = join(templates, name)
      const file = displayPath(path, reading.currentFolder)
      const text = readText(path, file)
      if (text.ok) found.set(name, { file, text: text.value })
      else reading.problems.push(text.error)
    }
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}
