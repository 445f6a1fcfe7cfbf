import { spawnSync } from "node:child_process"
import { expect } from "vitest"
import type { Observed } from "../../src/model/observed.ts"
import {
  bareRequest,
  observeScript,
  observeText,
  type ObserveRequest,
} from "../../src/wire/observe-request.ts"
import { parseObserveReply } from "../../src/wire/observe-reply.ts"
import { nodeScript, type Scratch } from "./scratch.ts"

/** What a scratch node tells of itself, by the program of this shell. */
export function observe(
  node: Scratch,
  request: Partial<ObserveRequest> = {},
  shell: readonly string[] = ["dash"],
): Observed {
  return observeAs(node.environment(), request, shell)
}

/** The same in an environment of the caller's. */
export function observeAs(
  env: NodeJS.ProcessEnv,
  request: Partial<ObserveRequest>,
  [program = "", ...options]: readonly string[],
): Observed {
  const text = observeText(observeScript(nodeScript), { ...bareRequest, ...request })
  if (!text.ok) throw new Error(text.error.message)
  const { stdout, stderr } = spawnSync(program, [...options, "-s"], {
    input: text.value,
    encoding: "utf8",
    env,
  })
  expect(stderr).toBe("")
  const reply = parseObserveReply("rs1", stdout)
  if (!reply.ok) throw new Error(reply.error.message)
  return reply.value
}
