import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { formatProblem } from "../../../src/core/problem.ts"
import { Secret, revealed } from "../../../src/core/secret.ts"
import { readAgeIdentities, readVaultPassword } from "../../../src/load/secrets/key-files.ts"
import { keyringOf } from "../../../src/load/secrets/keyring.ts"
import { noKeys, type Keys } from "../../../src/load/secrets/keys.ts"
import { readDocument, readFlawedDocument, type Reading } from "../../../src/load/read-document.ts"
import { tree } from "../tree.ts"
import { sopsFile } from "./sops-file.ts"

const fixtures = join(import.meta.dirname, "fixtures")

/** What the file reads as, with these keys; problems as printed. */
async function read(
  path: string,
  keys: Keys,
  reader: typeof readDocument = readDocument,
): Promise<{ value: unknown; problems: string[] }> {
  const keyring = keyringOf(keys)
  for (;;) {
    const reading: Reading = { currentFolder: process.cwd(), problems: [], keyring }
    const document = reader(path, reading)
    if (await keyring.openNoted()) continue
    return { value: document?.value, problems: reading.problems.map(formatProblem) }
  }
}

async function vaultKeys(...sources: string[]): Promise<Keys> {
  const all = await Promise.all(sources.map((source) => readVaultPassword(source)))
  return { ...noKeys, vaultPasswords: all.flatMap((one) => (one.ok ? [one.value] : [])) }
}

function ageKeys(): Keys {
  const found = readAgeIdentities(join(fixtures, "age.key"))
  if (!found.ok) throw new Error(found.error.message)
  return { ...noKeys, ageIdentities: found.value }
}

const pass = (name: string) => join(fixtures, `${name}.pass`)
const content = {
  vault_db_password: "s3cr3t-Pa55: word",
  vault_port: 8443,
  ansible_user: "deploy",
  nested: { list: ["alpha-secret", 7] },
}

describe("a file that ansible-vault encrypted", () => {
  it.each([
    ["1.1", "default"],
    ["1.2", "dev"],
  ])(
    "opens in format %s: values are secrets of their type, settings are not",
    async (format, password) => {
      const { value, problems } = await read(
        join(fixtures, `file-${format}.yml`),
        await vaultKeys(pass(password)),
      )
      expect(problems).toEqual([])
      expect(revealed(value).value).toEqual(content)
      expect(JSON.stringify(value)).toBe(
        '{"vault_db_password":"(secret)","vault_port":"(secret)","ansible_user":"deploy","nested":{"list":["(secret)","(secret)"]}}',
      )
    },
  )

  it("opens with the one of several passwords that fits, whatever its vault id", async () => {
    const keys = await vaultKeys(`other@${pass("default")}`, `ops@${pass("dev")}`)
    expect((await read(join(fixtures, "file-1.2.yml"), keys)).problems).toEqual([])
  })

  it("is plain where it is a definition: plans show those", async () => {
    const keys = await vaultKeys(pass("default"))
    const { value } = await read(join(fixtures, "file-1.1.yml"), keys, readFlawedDocument)
    expect(value).toEqual(content)
  })

  it("says which password is missing, and that another does not fit", async () => {
    const path = join(fixtures, "file-1.2.yml")
    expect((await read(path, noKeys)).problems.join()).toMatch(
      /file-1\.2\.yml:1:1: error: .*\(vault id dev\).* no vault password \[secret-closed\]\n.*--vault-password-file/,
    )
    expect((await read(path, await vaultKeys(pass("default")))).problems.join()).toMatch(
      /no vault password fits .*\(vault id dev\)/,
    )
  })

  it.each([
    ["$ANSIBLE_VAULT;1.3;AES256\n6162\n", "format ANSIBLE_VAULT;1.3;AES256 is not supported"],
    ["$ANSIBLE_VAULT;1.1;AES\n6162\n", "is not supported"],
    ["$ANSIBLE_VAULT;1.1;AES256\n6162\n", "is damaged"],
    ["$ANSIBLE_VAULT;1.1;AES256\nxyz\n", "is damaged"],
  ])("is refused when it reads %j", async (text, message) => {
    const folder = tree({ "a.yml": text })
    const { problems } = await read(join(folder, "a.yml"), await vaultKeys(pass("dev")))
    expect(problems.join()).toContain(message)
  })
})

describe("a value tagged !vault", () => {
  it("is a secret among plain values", async () => {
    const keys = await vaultKeys(pass("default"), `dev@${pass("dev")}`)
    const { value, problems } = await read(join(fixtures, "inline.yml"), keys)
    expect(problems).toEqual([])
    expect(revealed(value).value).toEqual({
      plain: "here",
      api_key: "in-l1ne secret",
      dev_key: "in-line dev secret",
    })
    expect(JSON.stringify(value)).toContain('"plain":"here","api_key":"(secret)"')
  })

  it("that cannot be opened is told at its place, each one", async () => {
    const { problems } = await read(join(fixtures, "inline.yml"), noKeys)
    expect(problems.map((text) => /inline\.yml:(\d+:\d+): error/.exec(text)?.[1])).toEqual([
      "2:1",
      "9:1",
    ])
  })
})

describe("a value tagged !env", () => {
  const keys = { ...noKeys, environment: { TOKEN: "from-env", EMPTY: "" } }

  it("is the secret that an environment variable holds; a setting is plain", async () => {
    const folder = tree({ "a.yml": "t: !env TOKEN\ne: !env EMPTY\nansible_user: !env TOKEN\n" })
    const { value } = await read(join(folder, "a.yml"), keys)
    expect(value).toMatchObject({ t: expect.any(Secret), e: expect.any(Secret) })
    expect(revealed(value).value).toEqual({ t: "from-env", e: "", ansible_user: "from-env" })
    expect(value).toMatchObject({ ansible_user: "from-env" })
  })

  it("names the variable that is not set, and where it is asked for", async () => {
    const folder = tree({ "a.yml": "list:\n  - !env NO_SUCH\n  - !env a b\n" })
    const { problems } = await read(join(folder, "a.yml"), keys)
    expect(problems[0]).toMatch(/a\.yml:2:\d+: error: .* NO_SUCH is not set \[secret-closed\]/)
    expect(problems[1]).toContain("write !env NAME")
  })
})

describe("a file that age encrypted", () => {
  it.each(["binary", "armoured"])("opens with an identity (%s)", async (form) => {
    const { value, problems } = await read(join(fixtures, `${form}.yml.age`), ageKeys())
    expect(problems).toEqual([])
    expect(revealed(value).value).toEqual(content)
    expect(JSON.stringify(value)).not.toContain("s3cr3t")
  })

  it("opens with its passphrase, which is asked for once", async () => {
    const asked: string[] = []
    const askPassphrase = async (file: string) => {
      asked.push(file)
      return new Secret("correct horse")
    }
    const path = join(fixtures, "passphrase.yml.age")
    const { value, problems } = await read(path, { ...noKeys, askPassphrase })
    expect(problems).toEqual([])
    expect(revealed(value).value).toEqual(content)
    expect(asked).toEqual([path])
  })

  it("stays closed without an identity, with another's, and without a terminal for its passphrase", async () => {
    const other = new Secret(
      "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX",
    )
    const armoured = join(fixtures, "armoured.yml.age")
    expect((await read(armoured, noKeys)).problems.join()).toContain("there is no age identity")
    expect((await read(armoured, { ...noKeys, ageIdentities: [other] })).problems.join()).toContain(
      "no age identity opens",
    )
    expect((await read(join(fixtures, "passphrase.yml.age"), noKeys)).problems.join()).toContain(
      "there is no terminal to ask on",
    )
  })
})

describe("a file that SOPS encrypted for age", () => {
  const to = "age13dtng7k3n8ward30dw9e05up9evj8q7f2j3cfv58c4q8a3uslsaqultz3m"
  const values = {
    password: "s0ps-secret",
    port: 8443,
    ratio: 1.5,
    on: true,
    deep: { list: ["a", "b"] },
    none: null,
    hint_unencrypted: "plain",
  }
  const unencrypted = /_unencrypted$/

  it.each([false, true])(
    "opens: what was encrypted is secret (mac_only_encrypted: %s)",
    async (macOnlyEncrypted) => {
      const folder = tree({
        "a.sops.json": await sopsFile(values, to, { unencrypted, macOnlyEncrypted }),
      })
      const { value, problems } = await read(join(folder, "a.sops.json"), ageKeys())
      expect(problems).toEqual([])
      expect(revealed(value).value).toEqual(values)
      expect(JSON.stringify(value)).toBe(
        '{"password":"(secret)","port":"(secret)","ratio":"(secret)","on":"(secret)","deep":{"list":["(secret)","(secret)"]},"none":null,"hint_unencrypted":"plain"}',
      )
    },
  )

  it.each([
    [
      "a plain value was changed",
      (text: string) => text.replace('"plain"', '"evil"'),
      /MAC is wrong/,
    ],
    [
      "a value was added",
      (text: string) => text.replace("{", '{"x_unencrypted": "y",'),
      /MAC is wrong/,
    ],
    [
      "a value was moved to another key",
      (text: string) => text.replace('"password"', '"passwort"'),
      /a\.json:2:3: error: passwort was changed or moved without SOPS/,
    ],
    [
      "the MAC was taken from elsewhere",
      (text: string) => text.replace("2026-01-02", "2026-01-03"),
      /was changed or moved|MAC is wrong/,
    ],
  ])("is refused when %s", async (_what, change, message) => {
    const folder = tree({ "a.json": change(await sopsFile(values, to, { unencrypted })) })
    expect((await read(join(folder, "a.json"), ageKeys())).problems.join()).toMatch(message)
  })

  it("names its recipients when no identity is one of them, and the services it leaves to the program sops", async () => {
    const text = await sopsFile(values, to)
    const kms = text.replace('"age": [', '"pgp": [{ "fp": "ABCD" }], "age": [')
    const folder = tree({ "a.json": text, "b.json": kms })
    expect((await read(join(folder, "a.json"), noKeys)).problems.join()).toContain(to)
    const { problems } = await read(join(folder, "b.json"), noKeys)
    expect(problems.join()).toMatch(/keys of pgp|program sops/)
  })
})
