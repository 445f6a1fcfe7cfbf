import { cp } from "node:fs/promises"
import { join } from "node:path"
import { must } from "./exec.ts"
import { makeBusybox } from "./image-busybox.ts"
import { makeScripts } from "./image-scripts.ts"
import { makeSystemd } from "./image-systemd.ts"
import type { System } from "./spec.ts"

/** What to build, and where. */
export interface ImageOrder {
  readonly system: System
  /** An empty folder, removed by the caller. */
  readonly work: string
  /** The file to make. */
  readonly image: string
  /** The release of the User Mode Linux kernel, for its modules. */
  readonly kernel: string
  readonly log: (line: string) => void
  readonly signal: AbortSignal
}

/** What makes the root of a system in an empty folder. */
const makers: Readonly<
  Record<System, (order: ImageOrder & { readonly root: string }) => Promise<void>>
> = {
  systemd: makeSystemd,
  openrc: makeScripts,
  sysvinit: makeScripts,
  busybox: makeBusybox,
}

/** Modules that real servers may want, below kernel/; all 105 MB would double the small images. */
const networkModules = ["net", "lib", "crypto", "drivers/net"]

/** Debian packages and the files of `test/lab/image` as one ext4 file system; a minute or two. */
export async function buildImage(order: ImageOrder): Promise<void> {
  const root = join(order.work, "root")
  const { system } = order
  order.log(`building the lab's disk image (${system}) from Debian packages, once: takes a minute`)
  await makers[system]({ ...order, root })
  await copyModules(order.kernel, root, system === "systemd" ? ["."] : networkModules)
  // Lazy tables would be initialised by each guest's kernel in the background, each in its own copy.
  const eager = ["-E", "lazy_itable_init=0,lazy_journal_init=0"]
  const small = ["-m", "0", "-J", "size=4"]
  const size = system === "systemd" ? "1536M" : "768M"
  await must(["mke2fs", "-q", "-t", "ext4", ...small, ...eager, "-d", root, order.image, size])
  order.log(`the lab's disk image (${system}) is built`)
}

async function copyModules(
  kernel: string,
  root: string,
  folders: readonly string[],
): Promise<void> {
  const from = `/usr/lib/uml/modules/${kernel}`
  const to = join(root, "lib/modules", kernel)
  const listed = (path: string): boolean => !path.startsWith(`${from}/kernel`)
  await cp(from, to, { recursive: true, filter: listed })
  for (const folder of folders) {
    await cp(join(from, "kernel", folder), join(to, "kernel", folder), { recursive: true })
  }
}
