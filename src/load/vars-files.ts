import { join, parse } from "node:path"
import type { Problem } from "../core/problem.ts"
import { displayPath, kindAt, namesIn } from "./disk.ts"
import type { Variable, Variables } from "./inventory-parts.ts"
import { asMapping, kindOfValue, readDocument } from "./read-document.ts"
import type { Reading } from "./read-document.ts"

/** In the order in which Ansible looks (DataLoader.find_vars_files): the first that exists is the only one read. */
const endings = ["", ".yml", ".yaml", ".json"]

/** Of encrypted files that Ansible itself does not see: they come after, and besides, the one that it reads. */
const encryptedEndings = [".yml", ".yaml", ".json"].flatMap((end) => [`.sops${end}`, `${end}.age`])

/**
 * Reader for a `group_vars` or `host_vars` folder: the variables its file or folder for a name holds, later files before
 * earlier ones. A file that is passed over because a sibling comes first is a warning (inventory-shadowed).
 * Other problems: inventory-vars, and those of the files.
 */
export function varsFolder(folder: string, reading: Reading): (name: string) => Variables {
  if (kindAt(folder) === "file") {
    const shown = displayPath(folder, reading.currentFolder)
    const message = `${shown} is a file, where a folder belongs`
    reading.problems.push({ rule: "inventory-vars", message, hint: `make it ${shown}/all.yml` })
  }
  const present = new Set(namesIn(folder))
  return (name) => {
    const [chosen, ...shadowed] = endings
      .map((end) => name + end)
      .filter((file) => present.has(file))
    const encrypted = encryptedEndings.map((end) => name + end).filter((file) => present.has(file))
    if (chosen !== undefined)
      for (const file of shadowed) reading.problems.push(shadowing(folder, chosen, file, reading))
    const files = [...(chosen === undefined ? [] : [chosen]), ...encrypted]
      .map((file) => join(folder, file))
      .flatMap((path) => (kindAt(path) === "folder" ? filesOf(path) : [path]))
    return new Map(files.flatMap((file) => [...variablesIn(file, reading)]))
  }
}

/** Files of a variables folder, folders in it too: no hidden ones, no backups, only Ansible's endings. */
function filesOf(folder: string): string[] {
  return namesIn(folder)
    .filter((name) => !name.startsWith(".") && !name.endsWith("~"))
    .flatMap((name) => {
      const path = join(folder, name)
      const ending = parse(name.replace(/\.age$/, "")).ext
      if (kindAt(path) === "folder") return ending === "" ? filesOf(path) : []
      return endings.includes(ending) ? [path] : []
    })
}

function variablesIn(path: string, reading: Reading): Map<string, Variable> {
  const document = readDocument(path, reading)
  if (document === undefined || document.value === null) return new Map()
  const mapping = asMapping(document.value)
  if (mapping === undefined) {
    const message = `a file of variables is a mapping, this is ${kindOfValue(document.value)}`
    const at = document.locate([])
    reading.problems.push({ rule: "inventory-vars", message, at, hint: "write NAME: VALUE lines" })
    return new Map()
  }
  return new Map(
    Object.entries(mapping).map(([name, value]) => [name, { value, at: document.locate([name]) }]),
  )
}

function shadowing(folder: string, chosen: string, file: string, reading: Reading): Problem {
  const shown = (name: string): string => displayPath(join(folder, name), reading.currentFolder)
  return {
    rule: "inventory-shadowed",
    severity: "warning",
    message: `${shown(file)} is not read, because ${shown(chosen)} comes first`,
    at: { file: shown(file), line: 1, column: 1 },
    hint: `Ansible passes it over as well; move it into a folder ${shown(parse(file).name)}/ with the other`,
  }
}
