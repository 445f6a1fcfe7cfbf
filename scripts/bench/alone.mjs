// A network, processes and mounts of its own for a bench that starts sshd.
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { userInfo } from "node:os"
import { basename, join } from "node:path"

/**
 * Runs a script with `folder` as its argument; its figures go to standard output. Root gives it namespaces of its own
 * (unshare(1)): nothing listens on the machine's addresses, sshd finds the folder below /run that it insists on, and whatever
 * the script started is gone when it ends.
 * @throws Error when it fails
 */
export function runAlone(script, folder) {
  // bash reads ~/.bashrc for a command over SSH; what stands there is not what is measured.
  const bashrc = join(userInfo().homedir, ".bashrc")
  const inside = [
    "ip link set lo up",
    "mount -t tmpfs none /run",
    "mkdir /run/sshd",
    ...(existsSync(bashrc) ? [`mount --bind /dev/null '${bashrc}'`] : []),
    'exec "$@"',
  ].join(" && ")
  const alone = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
  const command = [
    ...(process.getuid() === 0 ? [...alone, "sh", "-c", inside, "sh"] : []),
    process.execPath,
    script,
    folder,
  ]
  const { status, error } = spawnSync(command[0], command.slice(1), { stdio: "inherit" })
  if (status !== 0) throw new Error(`${basename(script)}: ${error?.message ?? `exit ${status}`}`)
}
