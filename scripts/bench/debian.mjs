import { spawnSync } from "node:child_process"
import { run } from "../steps.mjs"

/** Installs the Debian packages that are missing; takes root. @throws Error when that fails */
export function installPackages(packages) {
  const { stdout } = spawnSync(
    "dpkg-query",
    ["-W", "-f", "${Package} ${db:Status-Status}\n", ...packages],
    { encoding: "utf8" },
  )
  const installed = (stdout ?? "").split("\n")
  const missing = packages.filter((name) => !installed.includes(`${name} installed`))
  if (missing.length === 0) return
  run("apt-get", "-q", "update")
  run("apt-get", "-q", "install", "--yes", "--no-install-recommends", ...missing)
}
