import { createReadStream } from "node:fs"
import { stat } from "node:fs/promises"
import { pipeline, Transform } from "node:stream"

import { sha256 } from "../core/digest.ts"
import { Failure } from "../core/failure.ts"
import { quote } from "../wire/shell.ts"
import { tar } from "../wire/tar.ts"
import type { Tell } from "./node.ts"
import type { AgentPayload, Runtime } from "./payload.ts"
import { agentFolder, runtimeFolder } from "./payload.ts"
import type { Transport } from "./transport.ts"

/** What a power loss has left of an installation; one that is at work now is younger than a day. */
function removeCutOff(folder: string): string {
  return `find ${folder} -mindepth 1 -maxdepth 1 -name '.*' -mtime +0 -exec rm -rf {} +`
}

/**
 * $1: folder of all releases, $2: this release, then the executables. Standard input: an archive with its own SHA256SUMS.
 * Releases other than this, the one that runs, to which a host may revert, and those of kept releases, to which it may be rolled
 * back, go.
 */
const installAgentScript = `set -eu
umask 022
folder=$1 id=$2
if [ -e "$folder/$id" ]; then cat >/dev/null; exit 0; fi
mkdir -p "$folder"
${removeCutOff('"$folder"')}
temp=$folder/.$id.$$
trap 'rm -rf "$temp"' EXIT
mkdir "$temp"
cd "$temp"
shift 2
tar -xf -
sha256sum -c SHA256SUMS >/dev/null
find . -type d -exec chmod 755 {} +
find . -type f -exec chmod 644 {} +
[ $# -eq 0 ] || chmod 755 "$@"
sync
cd /
mv "$temp" "$folder/$id"
for other in "$folder"/*/; do
  name=\${other%/}
  name=\${name##*/}
  [ "$name" = "$id" ] || grep -qs "/$name/" /etc/systemd/system/lbagent.service ||
    grep -qsx "own agent $name" /var/lib/lbctl/releases/*/manifest || rm -rf "\${folder:?}/$name"
done`

/** $1: folder of all runtimes, $2: digest of this one. Standard input: the gzip'ed executable. */
const installRuntimeScript = `set -eu
umask 022
mkdir -p "$1"
${removeCutOff('"$1"')}
temp=$1/.$2.$$
trap 'rm -rf "$temp"' EXIT
mkdir "$temp"
gzip -dc >"$temp/node"
echo "$2  $temp/node" | sha256sum -c - >/dev/null
chmod 755 "$temp/node"
"$temp/node" --version >"$temp/version"
sync
rm -rf "$1/$2"
mv "$temp" "$1/$2"
ln -sfn "$2" "$1/.current.$$"
mv -T "$1/.current.$$" "$1/current"`

/** uname -m of a host, for Node's name of an architecture. */
const machines: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" }

const timeoutMs = 300_000

/** Puts an agent release in its folder, whole or not at all; one that is there is left alone. */
export async function installAgent(transport: Transport, agent: AgentPayload): Promise<void> {
  const sums = agent.files.map((file) => `${sha256(file.content)}  ${file.path}\n`).join("")
  const stdin = tar([...agent.files, { path: "SHA256SUMS", content: sums }])
  const words = [agentFolder, agent.id, ...agent.executables]
  const command = quote(["sh", "-c", installAgentScript, "sh", ...words])
  const result = await transport.exec(command, { stdin, timeoutMs })
  if (result.code !== 0) throw refused("the agent", result.stderr)
}

/**
 * Puts a Node runtime in its folder and makes it the current one.
 * @throws Failure `failed` when the host is of another kind than this machine, or cannot run it.
 */
export async function installRuntime(
  transport: Transport,
  runtime: Runtime,
  facts: Readonly<Record<string, string>>,
  tell: Tell,
): Promise<void> {
  const unfit = whyUnfit(runtime, facts)
  if (unfit !== undefined) throw unfit
  const { digest, path } = await runtime.compressed()
  const { size } = await stat(path)
  const stdin = progress(size, tell)
  // Errors of the file reach the reader of `stdin`.
  pipeline(createReadStream(path), stdin, () => undefined)
  const words = [runtimeFolder, digest]
  const command = quote(["sh", "-c", installRuntimeScript, "sh", ...words])
  const result = await transport.exec(command, { stdin, timeoutMs })
  if (result.code !== 0) throw refused("the Node runtime", result.stderr)
}

function whyUnfit(runtime: Runtime, facts: Readonly<Record<string, string>>): Failure | undefined {
  const hint = "install Node.js 20 or later there with the host's own packages, then try again"
  const { arch, libc } = facts
  if (arch !== undefined && machines[runtime.arch] !== arch) {
    return new Failure(
      "failed",
      `there is no Node runtime for ${arch}: this machine is ${runtime.arch}`,
      { hint },
    )
  }
  if (libc !== undefined && libc !== runtime.libc) {
    return new Failure(
      "failed",
      `there is no Node runtime for ${libc}: this machine has ${runtime.libc}`,
      { hint },
    )
  }
  return undefined
}

function refused(what: string, stderr: string): Failure {
  const words = stderr.trim().split("\n").at(-1) ?? ""
  return new Failure("failed", `the host does not take ${what}: ${words}`, {
    hint: /no space/i.test(stderr)
      ? "make room in /opt (150 MB)"
      : "lbctl installs below /opt/lbctl, as root; the host's own words are above",
  })
}

/** Passes bytes through and tells each tenth of the way. */
function progress(size: number, tell: Tell): Transform {
  let sent = 0
  let told = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sent += chunk.length
      const tenth = Math.floor((sent * 10) / size)
      if (tenth > told) {
        told = tenth
        tell(`Node runtime ${megabytes(sent)} of ${megabytes(size)}`)
      }
      done(null, chunk)
    },
  })
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}
