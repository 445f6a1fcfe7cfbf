import { askDaemon } from "../client.ts"
import { ownPaths } from "../paths.ts"
import { conclude } from "./output.ts"

/** Has the daemon load its file; 0 once the kernel was read back and holds the wanted table. */
export async function reload(): Promise<number> {
  return conclude(await askDaemon(ownPaths().socket, "POST", "/reload"))
}
