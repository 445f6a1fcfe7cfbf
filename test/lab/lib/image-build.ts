import {
  chmod,
  copyFile,
  cp,
  mkdir,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises"
import { dirname, join } from "node:path"
import { must } from "./exec.ts"
import { labFile } from "./project.ts"

const suite = "bookworm"

/** Runs what follows in a mount and process namespace of its own: however it ends, no mount or process stays. */
const contained = [
  ..."setpriv --pdeathsig KILL".split(" "),
  ..."unshare --mount --pid --fork --kill-child".split(" "),
]

/** What to build, and where. */
export interface ImageOrder {
  /** An empty folder, removed by the caller. */
  readonly work: string
  /** The file to make. */
  readonly image: string
  /** The release of the User Mode Linux kernel, for its modules. */
  readonly kernel: string
  readonly log: (line: string) => void
  readonly signal: AbortSignal
}

/** Debian packages and the files of `test/lab/image` as one ext4 file system; a minute or two. */
export async function buildImage(order: ImageOrder): Promise<void> {
  const root = join(order.work, "root")
  order.log("building the lab's disk image from Debian packages, once: takes a minute or two")
  await installPackages(order.work, root, order.signal)
  await cp(`/usr/lib/uml/modules/${order.kernel}`, join(root, "usr/lib/modules", order.kernel), {
    recursive: true,
  })
  await copyTree(labFile("image", "files"), root)
  await configure(root)
  // Lazy tables would be initialised by each guest's kernel in the background, each in its own copy.
  const eager = ["-E", "lazy_itable_init=0,lazy_journal_init=0"]
  const small = ["-m", "0", "-J", "size=4"]
  await must(["mke2fs", "-q", "-t", "ext4", ...small, ...eager, "-d", root, order.image, "1536M"])
  order.log("the lab's disk image is built")
}

async function installPackages(work: string, root: string, signal: AbortSignal): Promise<void> {
  const packages = await listFile("packages.txt")
  const excluded = ["man", "doc", "locale", "info"].map(
    (name) => `path-exclude=/usr/share/${name}/*`,
  )
  const sources = await hostSources()
  const options = [
    ...excluded.map((option) => `--dpkgopt=${option}`),
    ...(await hostAptOptions()).map((option) => `--aptopt=${option}`),
  ]
  await must(
    [
      ...contained,
      "mmdebstrap",
      "--quiet",
      "--mode=root",
      "--variant=minbase",
      "--format=directory",
      `--include=${packages.join(",")}`,
      ...options,
      suite,
      root,
      ...sources,
    ],
    { timeout: 900_000, signal, env: { TMPDIR: work } },
  )
}

/**
 * The machine's own apt sources of the suite, so that its mirror is used. Without one, as on another release,
 * mmdebstrap uses its default.
 */
async function hostSources(): Promise<string[]> {
  const format = "$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)"
  const targets = await must([
    "apt-get",
    "indextargets",
    "--format",
    format,
    "Created-By: Packages",
  ])
  const lines = targets.split("\n").flatMap((line) => {
    const [origin = "", uri = "", release = "", component = ""] = line.split(" ")
    // The origin stays unexpanded as long as apt has not fetched its lists.
    const debian = origin === "Debian" || origin === "$(ORIGIN)"
    return debian && release.startsWith(suite) && component === "main"
      ? [`deb ${uri} ${release} ${component}`]
      : []
  })
  return lines.some((line) => line.includes(` ${suite} `)) ? [...new Set(lines)] : []
}

/** The machine's apt settings on how to reach a mirror, such as a proxy. */
async function hostAptOptions(): Promise<string[]> {
  const dump = await must(["apt-config", "dump"])
  const wanted = /^Acquire::(https?|Check-|Retries|ForceIPv)[^ ]* "[^"]+";$/i
  return dump.split("\n").filter((line) => wanted.test(line))
}

async function configure(root: string): Promise<void> {
  const units = join(root, "etc/systemd/system")
  for (const unit of await listFile("masked-units.txt")) await link("/dev/null", join(units, unit))
  await link("/lib/systemd/system/multi-user.target", join(units, "default.target"))
  await link("../lab-seed.service", join(units, "sysinit.target.wants/lab-seed.service"))
  await link("../lab-ready.service", join(units, "multi-user.target.wants/lab-ready.service"))
  // Installed, but without a configuration, as Debian leaves it to the administrator.
  await rm(join(units, "multi-user.target.wants/keepalived.service"), { force: true })
  // The User Mode kernel has no nf_tables for IP.
  for (const name of ["iptables", "ip6tables"]) {
    await link(`/usr/sbin/${name}-legacy`, join(root, "etc/alternatives", name))
  }
  for (const name of await readdir(join(root, "etc/ssh"))) {
    if (name.startsWith("ssh_host_")) await rm(join(root, "etc/ssh", name))
  }
  // Where the machine's proxy settings went, which the nodes could not use.
  await rm(join(root, "etc/apt/apt.conf.d/99mmdebstrap"), { force: true })
  await writeFile(join(root, "etc/machine-id"), "")
  await writeFile(join(root, "etc/fstab"), "")
}

/** Copies files so that neither the umask nor the owner of the working copy matters. */
async function copyTree(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const source = join(entry.parentPath, entry.name)
    const target = join(to, source.slice(from.length))
    await mkdir(dirname(target), { recursive: true })
    await copyFile(source, target)
    await chmod(target, target.includes("/sbin/") ? 0o755 : 0o644)
  }
}

async function link(target: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await rm(path, { force: true })
  await symlink(target, path)
}

async function listFile(name: string): Promise<string[]> {
  const text = await readFile(labFile("image", name), "utf8")
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))
}
