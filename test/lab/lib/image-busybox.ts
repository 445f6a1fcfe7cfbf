import { cp, mkdir } from "node:fs/promises"
import { join } from "node:path"
import { must } from "./exec.ts"
import type { Packages } from "./image-packages.ts"
import { installPackages } from "./image-packages.ts"
import { copyTree } from "./image-tree.ts"
import { labFile } from "./project.ts"

/** All programs that are not BusyBox's. The first is BusyBox itself. */
const programs = ["bin/busybox", "usr/bin/flock", "usr/bin/dropbearconvert", "usr/sbin/dropbear"]
const libraries = ["lib", "lib64", "usr/lib/x86_64-linux-gnu"]
const empty = ["dev", "etc/sysctl.d", "proc", "root", "run", "sys", "tmp", "usr/sbin", "var/lib"]

/** BusyBox, its init and a rcS as Buildroot's: a small real server with dropbear, and BusyBox's web server on port 80. */
export async function makeBusybox(order: Omit<Packages, "variant">): Promise<void> {
  const { root, work, signal } = order
  const packages = join(work, "packages")
  await installPackages({ ...order, root: packages, variant: "extract" })
  for (const folder of empty) await mkdir(join(root, folder), { recursive: true })
  for (const path of [...programs, ...libraries]) {
    await cp(join(packages, path), join(root, path), { recursive: true, verbatimSymlinks: true })
  }
  await must(["chroot", root, "/bin/busybox", "--install", "-s"], { signal })
  await copyTree(labFile("image", "busybox", "files"), root)
}
