import { spawnSync } from "node:child_process"

import { describe } from "vitest"

import { hasSshd } from "./sshd.ts"
import { transportContract } from "./transport-contract.ts"

const hasSsh = spawnSync("ssh", ["-V"]).status === 0

describe.skipIf(!hasSshd)("the built-in client", () => transportContract("builtin"))

describe.skipIf(!hasSshd || !hasSsh)("the system's ssh", () => transportContract("ssh"))
