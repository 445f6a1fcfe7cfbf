import { must } from "./exec.ts"
import { neutralise } from "./image-debian.ts"
import type { Packages } from "./image-packages.ts"
import { installPackages } from "./image-packages.ts"
import { copyTree } from "./image-tree.ts"
import { labFile } from "./project.ts"

/** Debian that scripts of /etc/init.d start, by sysvinit's rc or by OpenRC: small real servers, with a web server on port 80. */
export async function makeScripts(order: Omit<Packages, "variant">): Promise<void> {
  const { root, signal } = order
  await installPackages({ ...order, variant: "minbase" })
  await copyTree(labFile("image", "common", "files"), root)
  await copyTree(labFile("image", "scripts", "files"), root)
  for (const script of ["networking", "lab-http", "lab-ready"]) {
    await must(["chroot", root, "update-rc.d", script, "defaults"], { signal })
  }
  await neutralise(root)
}
