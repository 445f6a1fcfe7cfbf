// Steps that test, demo and bench share: running programs, and setting up what is missing.
import { spawnSync } from "node:child_process"
import { existsSync, lstatSync, mkdirSync, readFileSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"

/** Runs a program in this terminal. @throws Error when it fails */
export function run(command, ...args) {
  const { status, signal, error } = spawnSync(command, args, { stdio: "inherit" })
  if (status === 0) return
  throw new Error(`${command} ${args.join(" ")}: ${error?.message ?? signal ?? `exit ${status}`}`)
}

/** Runs a script or a package's program with this very Node, which need not be on the PATH that sudo gives. */
export function runNode(...args) {
  run(process.execPath, ...args)
}

/** Installs the npm packages of package-lock.json, when some are missing or of another version. */
export function installNpmPackages() {
  // npm ci empties the folder behind a link, too, and that one is somebody else's.
  const isLink = lstatSync("node_modules", { throwIfNoEntry: false })?.isSymbolicLink() === true
  if (!isLink && !hasNpmPackages()) run("npm", "ci")
}

function hasNpmPackages() {
  const installed = packagesIn("node_modules/.package-lock.json")
  return Object.entries(packagesIn("package-lock.json")).every(
    ([path, { version, optional, devOptional }]) =>
      path === "" || optional || devOptional || installed[path]?.version === version,
  )
}

function packagesIn(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).packages : {}
}

/**
 * Everything the lab needs that does not need root; what needs root asks for it by sudo. Done as the user, so that nothing in the
 * repository and in the user's home comes to belong to root.
 */
export async function setUpLab() {
  mkdirSync(join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "lbctl-lab"), {
    recursive: true,
  })
  runNode("scripts/setup-lab.mjs")
  const { bundleLab } = await import("./lab.mjs")
  await bundleLab()
}

/** What to put before a command that needs root: network namespaces and kernels with disks do. @throws Error without sudo */
export function asRoot() {
  if (process.getuid() === 0) return []
  const { error } = spawnSync("sudo", ["-V"], { stdio: "ignore" })
  if (error) throw new Error("this takes root, and there is no sudo: run it as root")
  return ["sudo", "-E"]
}
