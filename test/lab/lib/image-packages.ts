import { must } from "./exec.ts"
import { listFile } from "./image-tree.ts"
import type { System } from "./spec.ts"

const suite = "bookworm"

/** Runs what follows in a mount and process namespace of its own: however it ends, no mount or process stays. */
const contained = [
  ..."setpriv --pdeathsig KILL".split(" "),
  ..."unshare --mount --pid --fork --kill-child".split(" "),
]

/** Which root, from which Debian packages. */
export interface Packages {
  readonly system: System
  /** `minbase`: a Debian system; `extract`: only the files of the packages and of what they depend on (mmdebstrap(1)). */
  readonly variant: "minbase" | "extract"
  /** A folder for what mmdebstrap needs meanwhile. */
  readonly work: string
  /** The folder to make. */
  readonly root: string
  readonly signal: AbortSignal
}

/** Makes a root of the packages that `test/lab/image/SYSTEM/packages.txt` names. */
export async function installPackages(order: Packages): Promise<void> {
  const { system, variant, work, root, signal } = order
  const packages = await listFile(system, "packages.txt")
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
      `--variant=${variant}`,
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
