import { execFile } from "node:child_process"
import { promisify } from "node:util"

/** The commit of the repository the folder lies in, marked when there are changes besides; none outside of Git. */
export async function gitCommit(folder: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(
      "git",
      ["-C", folder, "describe", "--always", "--dirty", "--abbrev=12"],
      { timeout: 5000 },
    )
    return stdout.trim()
  } catch {
    return undefined
  }
}
