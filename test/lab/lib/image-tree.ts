import { chmod, copyFile, mkdir, readdir, readFile, rm, symlink } from "node:fs/promises"
import { dirname, join } from "node:path"
import { labFile } from "./project.ts"

/** Copies files so that neither the umask nor the owner of the working copy matters. */
export async function copyTree(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const source = join(entry.parentPath, entry.name)
    const target = join(to, source.slice(from.length))
    await mkdir(dirname(target), { recursive: true })
    await copyFile(source, target)
    await chmod(target, /\/(sbin|init\.d|cgi-bin)\//.test(target) ? 0o755 : 0o644)
  }
}

/** A symbolic link, whatever was there. */
export async function link(target: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await rm(path, { force: true })
  await symlink(target, path)
}

/** The lines of a list in `test/lab/image`, without comments. */
export async function listFile(...name: readonly string[]): Promise<string[]> {
  const text = await readFile(labFile("image", ...name), "utf8")
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))
}
