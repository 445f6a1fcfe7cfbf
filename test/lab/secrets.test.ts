import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, mkdirSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { usual } from "../cli/repository.ts"
import { lbctl } from "../cli/run.ts"
import { fileOperation, sampleBundle, sha256 } from "../node/sample.ts"
import { owner, Scratch } from "../node/scratch.ts"

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "lbctl-secrets-"))
  folders.push(path)
  return path
}

const role = `applies_to: { groups: [web] }
files: [{ path: /etc/app.conf, mode: "0600", content: "{{vars.token}} {{vars.pin}}" }]
`

/** A repository with these variables of the group web, each file made by \`make\` in its place. */
function repository(make: (vars: string) => void): string {
  const cwd = folder()
  const files = { ...usual, "roles/app/role.yml": role }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true })
    writeFileSync(join(cwd, path), text)
  }
  mkdirSync(join(cwd, "inventories/prod/group_vars"))
  make(join(cwd, "inventories/prod/group_vars"))
  return cwd
}

async function rendered(cwd: string, args: readonly string[]): Promise<string> {
  const ended = await lbctl(["render", "inventories/prod", "-o", "out", ...args], { cwd })
  expect(ended).toMatchObject({ code: 0, stderr: "" })
  return readFileSync(join(cwd, "out/rs1/etc/app.conf"), "utf8")
}

describe("what the real tools encrypt now", () => {
  const plain = "token: tök3n $1\npin: 42\n"

  it("ansible-vault, a file and a value", async () => {
    const cwd = repository((vars) => {
      writeFileSync(join(vars, "pass"), "s w ö r d\n")
      const vault = (...args: string[]) =>
        execFileSync("ansible-vault", [...args, "--vault-id", `ops@${join(vars, "pass")}`], {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "ignore"],
        })
      mkdirSync(join(vars, "web"))
      writeFileSync(join(vars, "web/1.yml"), plain)
      vault("encrypt", "--encrypt-vault-id", "ops", join(vars, "web/1.yml"))
      writeFileSync(
        join(vars, "web/2.yml"),
        vault("encrypt_string", "in line", "--name", "token", "--encrypt-vault-id", "ops"),
      )
    })
    const file = join(cwd, "inventories/prod/group_vars/pass")
    expect(await rendered(cwd, ["--vault-password-file", `ops@${file}`])).toBe("in line 42")
  })

  it("age, for an identity", async () => {
    const cwd = repository((vars) => {
      execFileSync("age-keygen", ["-o", join(vars, "../key")], { stdio: "ignore" })
      const to = execFileSync("age-keygen", ["-y", join(vars, "../key")], {
        encoding: "utf8",
      }).trim()
      execFileSync("age", ["-r", to, "-o", join(vars, "web.yml.age")], { input: plain })
    })
    expect(await rendered(cwd, ["--age-identity", "inventories/prod/key"])).toBe("tök3n $1 42")
  })
})

/** Modes that files were created with, as strace saw it, by path; the umask is that of the process, or of who started it. */
function creations(log: string): { path: string; mode: number }[] {
  const lines = log.split("\n").map((line) => /^(\d+)\s+(.*)$/.exec(line) ?? [])
  const parents = new Map<string, string>()
  for (const [, pid = "", call = ""] of lines) {
    // A child's first lines may stand before the one that says whose child it is.
    const child = /^(?:<\.\.\. )?(?:v?fork|clone3?)\b.* = (\d+)$/.exec(call)?.[1]
    if (child !== undefined) parents.set(child, pid)
  }
  const masks = new Map<string, number>()
  const maskOf = (pid: string | undefined): number =>
    pid === undefined ? process.umask() : (masks.get(pid) ?? maskOf(parents.get(pid)))
  return lines.flatMap(([, pid = "", call = ""]) => {
    if (!masks.has(pid)) masks.set(pid, maskOf(parents.get(pid)))
    const mask = /^umask\((\d+)\)/.exec(call)?.[1]
    if (mask !== undefined) masks.set(pid, Number.parseInt(mask, 8))
    const [, path = "", mode = ""] =
      /^openat\([^"]*"([^"]+)", [A-Z_|]*O_CREAT[A-Z_|]*, (0\d+)/.exec(call) ?? []
    return path === "" ? [] : [{ path, mode: Number.parseInt(mode, 8) & ~maskOf(pid) }]
  })
}

describe("a secret on a node", () => {
  it("is readable for root alone from the first byte, beside its target and in the journal", async () => {
    const log = join(folder(), "strace")
    const calls = "trace=openat,umask,clone,clone3,fork,vfork"
    const trace = ["strace", "-f", "-A", "-o", log, "-e", calls]
    const node = new Scratch([...trace, "dash"])
    node.write("etc/app.conf", "old secret\n", 0o600)
    const secret = {
      path: "/etc/app.conf",
      content: "new secret\n",
      mode: "0640",
      owner,
      notify: [],
      secret: true as const,
    }
    const bundle = sampleBundle({ files: [secret] })
    await node.stage("t1", bundle, [fileOperation(secret, sha256("old secret\n"))])
    const active = node.start(["activate", "t1", "60"])
    await active.until("activated")
    expect(node.read("etc/app.conf")).toBe("new secret\n")
    expect(statSync(join(node.root, "etc/app.conf")).mode & 0o777).toBe(0o640)
    const made = creations(readFileSync(log, "utf8")).filter(({ path }) =>
      /\.lbctl-new$|\/stage\/t1\//.test(path),
    )
    expect(made.map(({ path }) => path).join()).toMatch(/\.app\.conf\.lbctl-new/)
    expect(made.map(({ path }) => path).join()).toMatch(/backup\/1/)
    expect(made.filter(({ mode }) => (mode & 0o077) !== 0)).toEqual([])
    expect(statSync(join(node.root, "var/lib/lbctl/stage/t1/backup")).mode & 0o777).toBe(0o700)
    await node.remove()
  })
})
