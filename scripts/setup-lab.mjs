// Installs the Debian packages the lab runs on. Instant when all are there.
//   node scripts/setup-lab.mjs          or, from a script: await setupLab()
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const packages = [
  "age",
  "ansible-core",
  "busybox",
  "ca-certificates",
  "curl",
  "debian-archive-keyring",
  "e2fsprogs",
  "fish",
  "iproute2",
  "mandoc",
  "mmdebstrap",
  "nftables",
  "opendoas",
  "openssh-client",
  "openssh-server",
  "shellcheck",
  "strace",
  "sudo",
  "tcpdump",
  "user-mode-linux",
  "zsh",
  // What User Mode Linux needs there is compiled: test/lab/lib/wide-registers.c says why.
  ...(hasWideRegisters() ? ["gcc", "libc6-dev"] : []),
]

function hasWideRegisters() {
  return process.platform === "linux" && /\bamx_tile\b/.test(readFileSync("/proc/cpuinfo", "utf8"))
}

/** Why the packages can't be had, in words for the person at the keyboard. */
export class SetupError extends Error {
  name = "SetupError"
}

/** Installs what is missing, as root or through sudo. Rejects with a SetupError. */
export async function setupLab(log = (line) => console.error(`lab: ${line}`)) {
  const missing = await missingPackages()
  if (missing.length === 0) return
  const list = missing.join(" ")
  const asRoot = await rootPrefix(list)
  log(`packages missing: ${list}`)
  log("fetching the package lists")
  const apt = [...asRoot, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
  const update = await run([...apt, "update"])
  log("installing")
  const install = await run([...apt, "install", "--yes", "--no-install-recommends", ...missing])
  if (install.code !== 0) {
    throw new SetupError(
      `apt-get could not install ${list}: is this machine offline, or its mirror?\n` +
        (lastLines(update.code === 0 ? "" : update.output) + lastLines(install.output)),
    )
  }
  log("all packages are there")
}

async function missingPackages() {
  if (process.platform !== "linux") {
    throw new SetupError("the lab boots Linux kernels as programs, so it needs Linux")
  }
  const query = await run([
    "dpkg-query",
    "-W",
    "-f",
    "${Package} ${db:Status-Status}\n",
    ...packages,
  ])
  if (query.code === undefined) {
    throw new SetupError(
      "this machine has no dpkg: the lab is set up on Debian or its kin only\n" +
        `elsewhere install what these packages hold: ${packages.join(" ")}`,
    )
  }
  const installed = new Set(
    query.output.split("\n").map((line) => /^(\S+) installed$/.exec(line)?.[1]),
  )
  return packages.filter((name) => !installed.has(name))
}

/** What to put before a command that has to run as root. */
async function rootPrefix(list) {
  const id = await run(["id", "-u"])
  if (id.output.trim() === "0") return []
  const silent = await run(["sudo", "-n", "true"])
  if (silent.code === 0) return ["sudo", "-n"]
  // Somebody sits there who can type a password.
  if (silent.code !== undefined && process.stdin.isTTY) return ["sudo"]
  throw new SetupError(
    "installing packages takes root, and sudo does not let this user\n" +
      `run as root: apt-get install ${list}`,
  )
}

/** Runs a program: its output, and its exit code, undefined when there is no such program. */
function run([program, ...rest]) {
  return new Promise((resolve) => {
    const child = spawn(program, rest, { stdio: ["inherit", "pipe", "pipe"] })
    let output = ""
    child.stdout.on("data", (chunk) => (output += chunk))
    child.stderr.on("data", (chunk) => (output += chunk))
    child.on("error", () => resolve({ code: undefined, output }))
    child.on("close", (code) => resolve({ code: code ?? 1, output }))
  })
}

function lastLines(text) {
  return text.trimEnd().split("\n").slice(-8).join("\n") + "\n"
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await setupLab()
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    console.error(`lab: ${error.message}`)
    process.exitCode = 1
  }
}
