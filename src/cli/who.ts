import { randomUUID } from "node:crypto"
import { hostname } from "node:os"
import type { Who } from "../wire/who.ts"
import { gitCommit } from "./git-commit.ts"
import { operatorName } from "./operator.ts"

/** What a run does, as locks and histories name it. */
export type Purpose = "apply" | "rollback" | "setup" | "teardown" | "prune" | "agent-install"

/** Who begins a run on the inventory in `folder` now, for the hosts' locks and histories. */
export async function newRun(what: Purpose, folder: string): Promise<Who> {
  const commit = await gitCommit(folder)
  return {
    run: randomUUID().slice(0, 8),
    what,
    by: operatorName(),
    from: hostname(),
    since: new Date().toISOString(),
    ...(commit === undefined ? {} : { commit }),
  }
}
