import fc from "fast-check"
import { statSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { compileFleet } from "../../src/compile/fleet.ts"
import { compileRoles } from "../../src/compile/role.ts"
import { hostViews } from "../../src/compile/views.ts"
import { formatProblem, type Problem } from "../../src/core/problem.ts"
import { sha256 } from "../../src/core/digest.ts"
import { loadDocuments } from "../../src/load/documents.ts"
import { noKeys } from "../../src/load/secrets/keys.ts"
import { planFleet } from "../../src/plan/fleet.ts"
import { planJson } from "../../src/plan/json.ts"
import { planText } from "../../src/plan/text.ts"
import { renderBundles } from "../../src/render/bundles.ts"
import { wideSecrets } from "../../src/render/secret-modes.ts"
import { validateFleet } from "../../src/validate/fleet.ts"
import { observed } from "../plan/fixtures.ts"
import { repository } from "./repository.ts"
import { lbctl } from "./run.ts"

const role = `applies_to: { groups: [web] }
files:
  - path: /etc/app.conf
    content: "password={{vars.password}}\\n"
    mode: "0600"
    notify: [reload]
  - { path: /etc/motd, content: "{{vars.motd}}\\n" }
handlers:
  - { name: reload, run: [/bin/true] }
`
const sound = {
  "inventories/prod/group_vars/web.yml": "motd: hello\npassword: !env APP_PASSWORD\n",
  "roles/app/role.yml": role,
}
const env = { APP_PASSWORD: "x9-Q7_secret" }

describe("a secret of the environment", () => {
  it("is in the file that render writes, mode 0600 whatever stood there, and in nothing it prints", async () => {
    const cwd = repository({ ...sound, "out/rs1/etc/app.conf": "older" })
    const args = ["render", "inventories/prod", "-l", "rs1"]
    const shown = await lbctl(args, { cwd, env })
    expect(shown.stdout).toContain(
      "## /etc/app.conf  0600 root:root\n(content hidden: holds secrets",
    )
    expect(shown.stdout + shown.stderr).not.toContain(env.APP_PASSWORD)
    const written = await lbctl([...args, "-o", "out"], { cwd, env })
    expect(written).toMatchObject({ code: 0 })
    const target = join(cwd, "out/rs1/etc/app.conf")
    expect(readFileSync(target, "utf8")).toBe(`password=${env.APP_PASSWORD}\n`)
    expect(statSync(target).mode & 0o777).toBe(0o600)
  })

  it("that is not set ends validate, with its place and exit code 3", async () => {
    const ended = await lbctl(["validate", "inventories/prod"], { cwd: repository(sound) })
    expect(ended.code).toBe(3)
    expect(ended.stderr).toMatch(
      /web\.yml:2:1: error: the environment variable APP_PASSWORD is not set/,
    )
  })
})

describe("ansible-vault", () => {
  const fixtures = join(import.meta.dirname, "../load/secrets/fixtures")
  const vaulted = {
    ...sound,
    "inventories/prod/group_vars/web.yml": "motd: hello\n",
    "inventories/prod/group_vars/all.yml": readFileSync(join(fixtures, "file-1.2.yml"), "utf8"),
    "roles/app/role.yml": role.replace("vars.password", "vars.vault_db_password"),
  }

  it.each([
    ["--vault-password-file", ["--vault-password-file", `dev@${join(fixtures, "dev.pass")}`], {}],
    [
      "ANSIBLE_VAULT_PASSWORD_FILE",
      [],
      { ANSIBLE_VAULT_PASSWORD_FILE: join(fixtures, "dev.pass") },
    ],
    [
      "ANSIBLE_VAULT_IDENTITY_LIST",
      [],
      {
        ANSIBLE_VAULT_IDENTITY_LIST: `x@${join(fixtures, "default.pass")}, dev@${join(fixtures, "dev.pass")}`,
      },
    ],
  ])("files open by %s", async (_how, args, environment) => {
    const options = { cwd: repository(vaulted), env: environment }
    expect(await lbctl(["validate", "inventories/prod", ...args], options)).toMatchObject({
      code: 0,
    })
  })

  it("passwords come from a script that is executable, too", async () => {
    const cwd = repository({
      ...vaulted,
      "pass-client.sh": "#!/bin/sh\n[ \"$1 $2\" = '--vault-id dev' ] && echo hunter2-dev\n",
    })
    const { chmodSync } = await import("node:fs")
    chmodSync(join(cwd, "pass-client.sh"), 0o755)
    const args = ["validate", "inventories/prod", "--vault-password-file", "dev@pass-client.sh"]
    expect(await lbctl(args, { cwd })).toMatchObject({ code: 0 })
  })

  it("all that is wrong with key files is told at once, and no terminal is no place to ask on", async () => {
    const cwd = repository({ ...vaulted, empty: "", "no.key": "ssh-ed25519 AAAA\n" })
    const args = ["validate", "inventories/prod", "--vault-password-file"]
    const ended = await lbctl(
      [...args, "absent", "--vault-password-file", "empty", "--age-identity", "no.key"],
      { cwd },
    )
    expect(ended.code).toBe(3)
    expect(ended.stderr).toMatch(
      /absent does not exist[^]*empty holds no vault password[^]*no\.key holds something/,
    )
    const asked = await lbctl(["validate", "inventories/prod", "--ask-vault-pass"], { cwd })
    expect(asked).toMatchObject({ code: 3 })
    expect(asked.stderr).toContain("there is no terminal to ask on")
  })
})

/** Places where somebody may put a secret, right or wrong. */
const places: Readonly<Record<string, string>> = {
  "a variable that a file shows": "password: !env S\nmotd: m\n",
  "a variable that everything shows": "password: !env S\nmotd: !env S\n",
  "a connection password": "password: p\nmotd: m\nansible_password: !env S\n",
  "sudo's password":
    "password: p\nmotd: m\nansible_become: true\nansible_become_password: !env S\n",
  "a list in a map": "password: { a: [!env S] }\nmotd: m\n",
  "a variable of lbctl's roles":
    "password: p\nmotd: !env S\nansible_ssh_private_key_passphrase: !env S\n",
}
const roles: Readonly<Record<string, string>> = {
  sound: role,
  "that prints a map": role.replace("vars.password", "vars"),
  "with a secret command": role.replace("/bin/true", '/bin/true, "{{vars.motd}}"'),
  "with a secret path": role.replace("/etc/motd", "/etc/{{vars.motd}}"),
  "with a misspelt name": role.replace("vars.motd", "vars.motd.x"),
  "with a tag of its own": role.replace("/etc/motd", "!env S"),
  "with a secret sysctl": `${role}sysctls: [{ key: kernel.x, value: "{{vars.motd}}" }]\n`,
}

describe("whatever is printed of a definition with secrets", () => {
  it("shows none of them", async () => {
    const folders: { readonly what: string; readonly path: string }[] = []
    const hidden = new Set<string>()
    for (const [place, vars] of Object.entries(places))
      for (const [kind, text] of Object.entries(roles))
        folders.push({
          what: `${place}, a role ${kind}`,
          path: repository({
            "inventories/prod/group_vars/web.yml": vars,
            "roles/app/role.yml": text,
          }),
        })
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...folders),
        fc.stringMatching(/^[A-Za-z0-9 '"$:{}#-]{9,20}[a-z0-9]$/),
        async ({ what, path }, secret) => {
          const shown = await everythingPrinted(path, secret)
          if (shown.includes("content hidden: holds secrets")) hidden.add(what)
          if (shown.includes("[secret-place]")) hidden.add("refused")
          expect(shown).not.toContain(secret)
          expect(shown).not.toContain(JSON.stringify(secret).slice(1, -1))
          expect(shown).not.toContain(sha256(secret))
        },
      ),
      { numRuns: 150 },
    )
    // There were secrets to print.
    expect([...hidden]).toEqual(expect.arrayContaining(["refused"]))
    expect(hidden.size).toBeGreaterThan(2)
  })
})

async function everythingPrinted(folder: string, secret: string): Promise<string> {
  const keys = { ...noKeys, environment: { S: secret } }
  const options = { packageFolder: process.cwd(), currentFolder: folder, keys }
  const documents = await loadDocuments(["inventories/prod"], options)
  if (!documents.ok) return told(documents.error)
  const { fleet, problems } = compileFleet(documents.value)
  const { roles: compiled, problems: ofRoles } = compileRoles(documents.value)
  const all = [...problems, ...ofRoles, ...validateFleet(fleet, documents.value)]
  const views = hostViews(fleet, { id: "a1", path: "/opt/lbctl/agent/a1" })
  const rendered = renderBundles(views, compiled, documents.value.templates)
  if (!rendered.ok) return told([...all, ...rendered.error])
  const held = { sha256: sha256(secret), mode: "0644", owner: "root:root" }
  const inputs = rendered.value.map((bundle) => ({
    bundle,
    view: views.find(({ host }) => host === bundle.host) ?? {
      host: "",
      addresses: [],
      groups: [],
      vars: {},
    },
    observed: observed({
      host: bundle.host,
      files: { "/etc/app.conf": held },
      modules: Object.fromEntries(bundle.modules.map((name) => [name, "loaded" as const])),
      commands: Object.fromEntries(bundle.requires.map(({ command }) => [command, true])),
    }),
    directors: [],
    now: "2026-01-01T00:00:00Z",
  }))
  const plan = planFleet(inputs, [])
  const printed = [
    planText(plan, { diff: true }),
    planText(plan, { diff: false }),
    JSON.stringify(planJson(plan)),
  ]
  return [...printed, told([...all, ...wideSecrets(rendered.value)]), JSON.stringify(fleet)].join(
    "\n",
  )
}

function told(problems: readonly Problem[]): string {
  return `${problems.map(formatProblem).join("\n")}\n${JSON.stringify(problems)}`
}
