import { extname } from "node:path"
import { displayPath, readText } from "./disk.ts"
import { convertHint } from "./convert-hint.ts"
import type { InventoryBuilder } from "./inventory-builder.ts"
import { readIniInventory } from "./inventory-ini.ts"
import { readScriptInventory } from "./inventory-json.ts"
import { runScript, scriptKind } from "./inventory-script.ts"
import { readYamlInventory } from "./inventory-yaml.ts"
import { readDocument } from "./read-document.ts"
import type { Reading } from "./read-document.ts"

/**
 * Reads one file of an inventory into `builder`, in the format that it has: a program is run, .yml, .yaml and .json are YAML, a
 * file without an ending is YAML when it begins so, everything else is INI. Problems: inventory-format, inventory-script, and
 * those of the formats.
 */
export function readInventoryFile(path: string, builder: InventoryBuilder, reading: Reading): void {
  const file = displayPath(path, reading.currentFolder)
  const at = { file, line: 1, column: 1 }
  const kind = scriptKind(path)
  if (kind === "script")
    return readScriptInventory((...words) => (reading.run ?? runScript)(path, words), file, builder)
  if (kind === "not-executable") {
    const message = `${file} is a script, but may not be executed`
    builder.problems.push({ rule: "inventory-script", message, at, hint: `chmod +x ${file}` })
    return
  }
  const ending = extname(path)
  if (ending === ".toml") {
    const message = `${file} is a TOML inventory, which lbctl does not read`
    builder.problems.push({ rule: "inventory-format", message, at, hint: convertHint(file) })
    return
  }
  if ([".yml", ".yaml", ".json"].includes(ending)) return readYaml(path, builder, reading)
  const text = readText(path, file)
  if (!text.ok) builder.problems.push(text.error)
  else if (ending === "" && beginsAsYaml(text.value)) readYaml(path, builder, reading)
  else readIniInventory(text.value, file, builder)
}

function readYaml(path: string, builder: InventoryBuilder, reading: Reading): void {
  const before = reading.problems.length
  const document = readDocument(path, reading)
  builder.problems.push(...reading.problems.splice(before))
  if (document !== undefined) readYamlInventory(document, builder)
}

/** Whether the first line that says anything is a document's start, a brace or `KEY:`; no line of an INI inventory is. */
function beginsAsYaml(text: string): boolean {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/)
  const first = lines.find((line) => !/^\s*(?:[#;]|$)/.test(line)) ?? ""
  return /^(?:---|%YAML|\$ANSIBLE_VAULT;|\s*\{|\s*["']?[^\s[\]="'#]+["']?:(?:\s|$))/.test(first)
}
