import { rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Packages } from "./image-packages.ts"
import { installPackages } from "./image-packages.ts"
import { copyTree, link, listFile } from "./image-tree.ts"
import { neutralise } from "./image-debian.ts"
import { labFile } from "./project.ts"

/** Debian with systemd: directors and real servers. */
export async function makeSystemd(order: Omit<Packages, "variant">): Promise<void> {
  const { root } = order
  await installPackages({ ...order, variant: "minbase" })
  await copyTree(labFile("image", "common", "files"), root)
  await copyTree(labFile("image", "systemd", "files"), root)
  const units = join(root, "etc/systemd/system")
  for (const unit of await listFile("systemd", "masked-units.txt"))
    await link("/dev/null", join(units, unit))
  await link("/lib/systemd/system/multi-user.target", join(units, "default.target"))
  await link("../lab-seed.service", join(units, "sysinit.target.wants/lab-seed.service"))
  await link("../lab-ready.service", join(units, "multi-user.target.wants/lab-ready.service"))
  // Installed, but without a configuration, as Debian leaves it to the administrator.
  await rm(join(units, "multi-user.target.wants/keepalived.service"), { force: true })
  // The User Mode kernel has no nf_tables for IP.
  for (const name of ["iptables", "ip6tables"]) {
    await link(`/usr/sbin/${name}-legacy`, join(root, "etc/alternatives", name))
  }
  await neutralise(root)
  await writeFile(join(root, "etc/machine-id"), "")
  await writeFile(join(root, "etc/fstab"), "")
}
