import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { Failure } from "../../core/failure.ts"
import { starterFiles } from "../../compile/starter.ts"
import { packageFolder } from "../assets.ts"
import { exitCodes } from "../exit.ts"
import { print } from "../output.ts"

/** `lbctl init DIR`: writes the starting point; never over something that is there. */
export async function init(dir: string): Promise<number> {
  const found = statSync(dir, { throwIfNoEntry: false })
  if (found !== undefined && (!found.isDirectory() || readdirSync(dir).length > 0)) {
    const what = found.isDirectory() ? "is not empty" : "is no folder"
    throw new Failure("input", `${dir} ${what}`, { hint: "name a folder that does not exist yet" })
  }
  for (const { path, content } of starterFiles(join(packageFolder(), "schemas"))) {
    const target = join(dir, path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, content)
    print(`wrote ${target}`)
  }
  print(`\nNext: put your hosts into ${join(dir, "hosts.yml")}, then: lbctl validate ${dir}`)
  return exitCodes.done
}
