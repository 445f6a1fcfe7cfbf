#!/usr/bin/env node
import { existsSync } from "node:fs"

const bundle = new URL("../dist/lbctl/main.js", import.meta.url)
if (existsSync(bundle)) await import(bundle.href)
else {
  process.stderr.write("lbctl is not built yet; run: npm ci && npm run build\n")
  process.exitCode = 1
}
