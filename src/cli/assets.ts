import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { Failure } from "../core/failure.ts"
import { joinNodeScript } from "../wire/node-script.ts"

/** The folder of the lbctl package: roles, templates, the node script and the agent lie in it. */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, "package.json"))) {
    const parent = dirname(folder)
    if (parent === folder)
      throw new Failure("failed", "the lbctl package is incomplete: no package.json above its code")
    folder = parent
  }
  return folder
}

/** Version of this lbctl. */
export function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(packageFolder(), "package.json"), "utf8"))
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "unknown"
}

/** The POSIX script that observes a node and carries out changes there. */
export function nodeScript(): string {
  return withChapters("lbctl-node")
}

/** A script of src/node and, in a folder of its name, its chapters. */
function withChapters(name: string): string {
  const folder = join(packageFolder(), "src/node")
  const chapters = join(folder, name)
  const read = (chapter: string) =>
    [chapter, readFileSync(join(chapters, chapter), "utf8")] as const
  return joinNodeScript(
    readFileSync(join(folder, `${name}.sh`), "utf8"),
    new Map(readdirSync(chapters).map(read)),
  )
}

/** The POSIX script that keeps the lock of a node. */
export function lockScript(): string {
  return readFileSync(join(packageFolder(), "src/node/lbctl-lock.sh"), "utf8")
}

/** The POSIX script that looks at what `lbctl doctor` asks of a node. */
export function doctorScript(): string {
  return withChapters("lbctl-doctor")
}

/** Which agent directors shall run and where it is installed there; none before the agent is built. */
export function agentRelease(): { readonly id: string; readonly path: string } {
  const { id } = agentPayload()
  return { id, path: `/opt/lbctl/agent/${id}` }
}

/** The agent as `npm run build` made it. */
export interface AgentPayload {
  readonly id: string
  readonly files: readonly { readonly name: string; readonly path: string }[]
}

/** @throws Failure when the agent was not built. */
export function agentPayload(): AgentPayload {
  const folder = join(packageFolder(), "dist/agent")
  const manifest = join(folder, "manifest.json")
  if (!existsSync(manifest)) {
    throw new Failure("failed", "the agent is not built", { hint: "run: npm ci && npm run build" })
  }
  const { id, files } = JSON.parse(readFileSync(manifest, "utf8")) as {
    id: string
    files: string[]
  }
  return { id, files: files.map((name) => ({ name, path: join(folder, name) })) }
}
