import type { Inventories } from "../inventories.ts"
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { plural } from "../../core/text.ts"
import type { Bundle } from "../../model/bundle.ts"
import { withManaged } from "../chosen.ts"
import { exitCodes } from "../exit.ts"
import type { KeyFlags } from "../keys.ts"
import { print } from "../output.ts"

/** `lbctl render`: every file of every host, to standard output or below a folder. */
export async function render(
  inventory: Inventories,
  options: KeyFlags & { limit?: string; output?: string },
): Promise<number> {
  return withManaged(inventory, options, ({ bundles }, hosts) => {
    const chosen = [...bundles.values()].filter((bundle) => hosts.has(bundle.host))
    if (options.output === undefined) print(chosen.map(bundleText).join("\n"))
    else {
      const count = writeBundles(chosen, options.output)
      print(
        `wrote ${plural(count, "file")} of ${plural(chosen.length, "host")} below ${options.output}`,
      )
    }
    return exitCodes.done
  })
}

function writeBundles(bundles: readonly Bundle[], folder: string): number {
  let count = 0
  for (const bundle of bundles) {
    for (const file of bundle.files) {
      const target = join(folder, bundle.host, file.path)
      const mode = file.secret === true ? 0o600 : Number.parseInt(file.mode, 8)
      mkdirSync(dirname(target), { recursive: true })
      if (!holds(target, file.content)) {
        // A file that is there keeps its mode when it is written to.
        if (file.secret === true) rmSync(target, { force: true })
        writeFileSync(target, file.content, { mode })
      }
      if (file.secret === true) chmodSync(target, mode)
      count++
    }
  }
  return count
}

/** What is right stays untouched: file systems flush a file that is emptied and written anew (ext4's auto_da_alloc). */
function holds(path: string, content: string): boolean {
  return existsSync(path) && readFileSync(path, "utf8") === content
}

/** What is no file stands as comment lines, so that nothing of a bundle stays unseen. */
function bundleText(bundle: Bundle): string {
  const rest = [
    ...bundle.modules.map((name) => `module ${name}`),
    ...bundle.sysctls.map(({ key, value }) => `sysctl ${key} = ${value}`),
    ...bundle.linksUp.map((device) => `link ${device} up`),
    ...bundle.addresses.map(
      ({ address, prefix, device }) => `address ${address}/${prefix} on ${device}`,
    ),
    ...bundle.units.map(
      ({ name, enabled, running }) =>
        `unit ${name}${enabled ? " enabled" : ""}${running ? " running" : ""}`,
    ),
  ]
  const head = [
    `#### ${bundle.host}  release ${bundle.id.slice(0, 12)}`,
    ...rest.map((line) => `# ${line}`),
  ].join("\n")
  return [
    head,
    ...bundle.files.map(
      ({ path, mode, owner, content, secret }) =>
        `## ${path}  ${mode} ${owner}\n${secret === true ? `(content hidden: holds secrets; see it by lbctl render -o DIR)` : content}`,
    ),
  ].join("\n")
}
