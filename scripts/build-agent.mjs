// Builds dist/agent: the one-file agent, koffi's addon beside it, a launcher that finds Node, and a manifest that names the whole by digest.
//   import { buildAgent } from "./build-agent.mjs"; const { id, directory } = await buildAgent()
//   node scripts/build-agent.mjs [--entry FILE] [--directory DIR] [--arch x64|arm64]
import { createHash } from "node:crypto"
import { chmod, copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { build } from "esbuild"

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const launcher = join(root, "src", "agent", "launcher.sh")

/**
 * In the bundle, `koffi` is the addon that lies beside it: koffi's own loader looks for a platform package in node_modules.
 * CommonJS's __dirname is that of the bundle with symbolic links resolved.
 */
const koffiBeside = {
  name: "koffi-beside",
  setup(pluginBuild) {
    pluginBuild.onResolve({ filter: /^koffi$/ }, () => ({ path: "koffi", namespace: "beside" }))
    pluginBuild.onLoad({ filter: /^koffi$/, namespace: "beside" }, () => ({
      contents: `
        const addon = { exports: {} }
        process.dlopen(addon, require("node:path").join(__dirname, "koffi.node"))
        module.exports = addon.exports`,
      loader: "js",
    }))
  },
}

/** Where the addon for a platform lies in node_modules, in the words of koffi's platform packages. */
function koffiAddon(arch) {
  const fromKoffi = createRequire(createRequire(import.meta.url).resolve("koffi"))
  const platformPackage = fromKoffi.resolve(`@koromix/koffi-linux-${arch}`)
  return join(dirname(platformPackage), `linux_${arch}`, "koffi.node")
}

/**
 * Bundles the agent. The same sources and packages give the same bytes, hence the same id.
 * @param options.entry what to bundle (the agent's main by default), options.directory where to (dist/agent by default), options.arch
 * `x64` or `arm64` (this machine's by default; its koffi package must be installed).
 * @returns the id (SHA-256 over names and contents) and the directory, whose former content is replaced.
 */
export async function buildAgent({
  entry = join(root, "src", "agent", "main.ts"),
  directory = join(root, "dist", "agent"),
  arch = process.arch,
} = {}) {
  const fresh = `${directory}.${process.pid}`
  await rm(fresh, { recursive: true, force: true })
  await mkdir(fresh, { recursive: true })
  await build({
    entryPoints: [entry],
    outfile: join(fresh, "lbagent.cjs"),
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    absWorkingDir: root,
    logLevel: "warning",
    plugins: [koffiBeside],
  })
  await copyFile(koffiAddon(arch), join(fresh, "koffi.node"))
  await copyFile(launcher, join(fresh, "lbagent"))
  const manifest = await manifestOf(fresh, ["koffi.node", "lbagent", "lbagent.cjs"])
  await writeFile(join(fresh, "manifest.json"), `${JSON.stringify(manifest, undefined, 2)}\n`)
  for (const name of manifest.files)
    await chmod(join(fresh, name), name === "lbagent" ? 0o755 : 0o644)
  await rm(directory, { recursive: true, force: true })
  await rename(fresh, directory)
  return { id: manifest.id, directory }
}

/** The names of the files, and the id: SHA-256 over every name and content. */
async function manifestOf(directory, files) {
  const digest = createHash("sha256")
  for (const name of files) {
    const content = await readFile(join(directory, name))
    digest.update(`${name} ${content.length}\n`).update(content)
  }
  return { id: digest.digest("hex"), files }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = { type: "string" }
  const { values } = parseArgs({ options: { entry: text, directory: text, arch: text } })
  const { id, directory } = await buildAgent(values)
  console.log(`${relative(process.cwd(), directory)}: agent ${id.slice(0, 12)}`)
}
