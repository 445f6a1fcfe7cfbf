// The lab for plain scripts and for people.
//   import { loadLab } from "./lab.mjs"; const { Lab } = await loadLab()
//   node scripts/lab.mjs [NODE...]      boots a lab and keeps it until Ctrl-C; NODE: NAME, or NAME:SYSTEM as rs1:openrc
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { build } from "esbuild"

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const outfile = join(root, "dist", "lab.js")

/** The exports of test/lab/lib/lab.ts. */
export async function loadLab() {
  await bundleLab()
  return import(pathToFileURL(outfile).href)
}

/** Bundles it to `dist/lab.js`, since Node does not run TypeScript by itself; a bundle that is right stays untouched. */
export async function bundleLab() {
  const { outputFiles } = await build({
    entryPoints: [join(root, "test", "lab", "lib", "lab.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    write: false,
  })
  const [{ text }] = outputFiles
  if (existsSync(outfile) && readFileSync(outfile, "utf8") === text) return
  mkdirSync(dirname(outfile), { recursive: true })
  writeFileSync(outfile, text)
}

function nodeSpec(word) {
  const [name, system] = word.split(":")
  return system === undefined ? name : { name, system }
}

async function main(nodes) {
  const { Lab } = await loadLab()
  const lab = await Lab.up(nodes.length === 0 ? {} : { nodes: nodes.map(nodeSpec) })
  const inside = `ip netns exec ${lab.controller.namespace}`
  console.log(`${lab.nodes.map(({ name, address }) => `${name} ${address}`).join(", ")}: up
  a shell on a node       ${inside} ssh -F ${lab.ssh.config} ${lab.nodes[0]?.name}
  as the controller       ${inside} COMMAND
  as the client           ip netns exec ${lab.client.namespace} COMMAND
  frames on the segment   ${inside} tcpdump -lnni br0
Ctrl-C ends it.`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2))
