import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

import { expect, it } from "vitest"

import { removeFolder } from "./folders.ts"

it("a folder goes away although a process still makes files in it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lbctl-folder-"))
  const script = `end=$(($(date +%s) + 2)); while [ $(date +%s) -lt $end ] && : >$0/$((n += 1)); do :; done`
  const writer = spawn("sh", ["-c", script, folder], { stdio: "ignore" })
  const ended = new Promise((resolve) => writer.once("exit", resolve))
  while (readdirSync(folder).length < 100) await sleep(5)
  await removeFolder(folder)
  await ended
  expect(existsSync(folder)).toBe(false)
})
