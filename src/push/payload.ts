import type { TarEntry } from "../wire/tar.ts"

/** An agent release: the files of its folder, named by the digest of their content. */
export interface AgentPayload {
  readonly id: string
  /** `lbagent` among them: the command. */
  readonly files: readonly TarEntry[]
  /** Paths of files that are run as commands. */
  readonly executables: readonly string[]
}

/** A Node runtime to bring to hosts that have none. */
export interface Runtime {
  /** process.arch of the machine it runs on: `x64`, `arm64`. */
  readonly arch: string
  readonly libc: "glibc" | "musl"
  /** The executable, ready to be sent; made when first asked for. */
  compressed(): Promise<CompressedRuntime>
}

/** An executable's SHA-256, and a file with its gzip'ed form. */
export interface CompressedRuntime {
  readonly digest: string
  readonly path: string
}

/** Where agent releases live on a host. */
export const agentFolder = "/opt/lbctl/agent"
/** Where runtimes live on a host; `current` is a link to the one in use. */
export const runtimeFolder = "/opt/lbctl/runtime"

/** The agent's command on a host. */
export function agentCommand(id: string): string {
  return `${agentFolder}/${id}/lbagent`
}
