import { readdir, rm } from "node:fs/promises"
import { join } from "node:path"

/** Takes from a Debian root what was made for the machine that built it, and what each node gets of its own. */
export async function neutralise(root: string): Promise<void> {
  for (const name of await readdir(join(root, "etc/ssh"))) {
    if (name.startsWith("ssh_host_")) await rm(join(root, "etc/ssh", name))
  }
  // Where the machine's proxy settings went, which the nodes could not use.
  await rm(join(root, "etc/apt/apt.conf.d/99mmdebstrap"), { force: true })
}
