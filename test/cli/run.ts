import { execFile } from "node:child_process"
import { resolve } from "node:path"

/** How one run of a program ended. */
export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const program = resolve("bin/lbctl.js")

/** Runs lbctl as built (`npm run build`), without a terminal, in `cwd`. */
export function lbctl(
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Ended> {
  return run(process.execPath, [program, ...args], options)
}

/** Runs a line of bash in which `$lbctl` is lbctl; a pipe ends as its worst part does. */
export function bash(line: string, cwd: string): Promise<Ended> {
  const env = { lbctl: `${process.execPath} ${program}` }
  return run("bash", ["-o", "pipefail", "-c", line], { cwd, env })
}

function run(
  file: string,
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Ended> {
  const environment = { PATH: process.env["PATH"] ?? "", HOME: cwd, ...env }
  return new Promise((done) => {
    const child = execFile(
      file,
      args,
      { cwd, env: environment, timeout: 60_000, maxBuffer: 64 << 20 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1
        done({ code, stdout, stderr })
      },
    )
    child.stdin?.end()
  })
}
