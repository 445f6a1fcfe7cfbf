import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { canonicalJson, sha256 } from "../../src/core/digest.ts"
import type { Bundle } from "../../src/model/bundle.ts"
import { historyCommand, releaseCommand, stateFolder } from "../../src/wire/commands.ts"
import { parseHistory } from "../../src/wire/history.ts"
import { parseRelease } from "../../src/wire/release.ts"
import { file, fileOperation, sampleBundle } from "./sample.ts"
import { installed, owner, Scratch, wheelOwner } from "./scratch.ts"

const nodes: Scratch[] = []
afterEach(() => Promise.all(nodes.splice(0).map((node) => node.remove())))

function newNode(system: "Linux" | "FreeBSD" = "Linux"): Scratch {
  const node = new Scratch(["dash"], system === "FreeBSD" ? "rc" : "systemd")
  nodes.push(node)
  return node
}

/** A command line of lbctl with the scratch folder as the node's root. */
function told(node: Scratch, command: string, shell: readonly string[]): string {
  const [program = "", ...words] = shell
  const text = command.replaceAll(stateFolder, join(node.root, stateFolder))
  return spawnSync(program, [...words, "-c", text], {
    encoding: "utf8",
    env: node.environment(),
  }).stdout
}

function named(changes: Partial<Bundle>): Bundle {
  const { id: _id, ...content } = sampleBundle(changes)
  return { id: sha256(canonicalJson(content)), ...content }
}

async function apply(node: Scratch, txn: string, bundle: Bundle, prior: string): Promise<void> {
  const [motd] = bundle.files
  if (motd === undefined) throw new Error("sample")
  await node.stage(txn, bundle, [fileOperation(motd, prior)])
  const activation = node.start(["activate", txn, "60"])
  await activation.until("activated")
  await node.run(["confirm", txn])
  await activation.ended
}

const shells = [["dash"], ["bash", "--posix"], ["busybox", "sh"]].filter(([program = ""]) =>
  installed(program),
)

const places = [
  ...shells.map((shell) => ["Linux", shell.join(" "), shell] as const),
  ["FreeBSD", "dash", ["dash"]] as const,
]

describe.each(places)("on %s under %s", (system, _, shell) => {
  it("a node tells its past, and gives each release back as it was made", async () => {
    const node = newNode(system)
    const text = "caf\u00e9 'quoted' $HOME\n"
    const motd = (content: string) => ({
      ...file("/etc/motd", content, "0644"),
      owner: system === "FreeBSD" ? wheelOwner : owner,
    })
    const first = named({ files: [motd(text)] })
    const second = named({ files: [motd("second\n")] })
    await apply(node, "t1", first, "-")
    await apply(node, "t2", second, sha256(text))
    const past = parseHistory(told(node, historyCommand(10), shell))
    expect(past?.current).toBe(second.id)
    expect([...(past?.releases ?? [])].sort()).toEqual([first.id, second.id].sort())
    expect(past?.entries.map(({ transaction, result, run }) => [transaction, result, run])).toEqual(
      [
        ["t1", "confirmed", "run1"],
        ["t2", "confirmed", "run1"],
      ],
    )
    expect(parseHistory(told(node, historyCommand(1), shell))?.entries).toHaveLength(1)
    for (const bundle of [first, second]) {
      const release = parseRelease(bundle.id, told(node, releaseCommand(bundle.id), shell))
      expect(release).toEqual({ ok: true, value: { bundle, directors: [] } })
    }
  })

  it("a node that lbctl never was on has none", () => {
    const node = newNode(system)
    const past = parseHistory(told(node, historyCommand(10), shell))
    expect(past).toEqual({ releases: [], entries: [] })
    expect(parseRelease("a", told(node, releaseCommand("a"), shell))).toMatchObject({
      ok: false,
      error: { message: "the host does not keep it any more" },
    })
  })
})

describe("a release", () => {
  it("whose file was changed since is refused", async () => {
    const node = newNode()
    const bundle = named({ files: [file("/etc/motd", "first\n", "0644")] })
    await apply(node, "t1", bundle, "-")
    node.write(`var/lib/lbctl/releases/${bundle.id}/files/${sha256("first\n")}`, "other\n")
    expect(parseRelease(bundle.id, told(node, releaseCommand(bundle.id), ["sh"]))).toMatchObject({
      ok: false,
      error: { message: "what the host keeps of it is damaged" },
    })
  })
})

describe("the history", () => {
  it("makes room when its file is full, and goes on where it was", async () => {
    const node = newNode()
    const first = named({ files: [file("/etc/motd", "first\n", "0644")] })
    await apply(node, "t1", first, "-")
    const line = node.read("var/lib/lbctl/history.jsonl")
    node.write("var/lib/lbctl/history.jsonl", "\n".repeat(1_100_000) + line)
    await apply(node, "t2", first, sha256("first\n"))
    expect(node.read("var/lib/lbctl/history.jsonl")).toContain('"transaction":"t2"')
    expect(node.read("var/lib/lbctl/history.jsonl").length).toBeLessThan(2000)
    const past = parseHistory(told(node, historyCommand(10), ["sh"]))
    expect(past?.entries.map(({ transaction }) => transaction)).toEqual(["t1", "t2"])
  })

  it("is read in spite of a line that a crash cut short; an answer that was cut off is none", () => {
    expect(parseHistory('{"release":"a","by\nend\n')).toEqual({ releases: [], entries: [] })
    expect(parseHistory("current a\n")).toBeUndefined()
  })
})
