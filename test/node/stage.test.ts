import { afterEach, describe, expect, it } from "vitest"
import type { FileResource } from "../../src/model/bundle.ts"
import { parseNodeReply } from "../../src/wire/activation-reply.ts"
import { file, fileOperation, sampleBundle, sampleOperations } from "./sample.ts"
import { Scratch } from "./scratch.ts"

const nodes: Scratch[] = []
afterEach(() => Promise.all(nodes.splice(0).map((node) => node.remove())))

function newNode(): Scratch {
  const node = new Scratch()
  nodes.push(node)
  node.write("etc/motd", "old\n")
  return node
}

function checked(validate: readonly string[]): FileResource {
  return { ...file("/etc/some.conf", "a b\n", "0644"), validate }
}

async function stageChecked(node: Scratch, validate: readonly string[]) {
  const resource = checked(validate)
  const bundle = sampleBundle({ files: [resource] })
  const ended = await node.stage("t1", bundle, [fileOperation(resource, "-")])
  return { ...ended, reply: parseNodeReply(ended.lines.at(-1) ?? "") }
}

describe("stage", () => {
  it("lets a validate command see the staged file, and touches nothing live", async () => {
    const node = newNode()
    const before = node.state()
    const { lines } = await stageChecked(node, ["grep", "-q", "^a b$", "%s"])
    expect(lines).toEqual(["staged"])
    expect(node.state()).toEqual(before)
  })

  it("refuses in the words of the validate command, and removes the stage", async () => {
    const node = newNode()
    const before = node.state()
    const { reply, code } = await stageChecked(node, [
      "sh",
      "-c",
      "echo line 1: $0 >&2; exit 1",
      "x%s",
    ])
    expect(code).toBe(1)
    expect(reply).toMatchObject({ type: "refused", reason: "check", subject: "/etc/some.conf" })
    expect(reply).toHaveProperty("output", expect.stringMatching(/^line 1: x.*\/release\/files\//))
    expect(node.has("var/lib/lbctl/stage/t1")).toBe(false)
    expect(node.state()).toEqual(before)
  })

  it("refuses a file that was damaged on the way", async () => {
    const node = newNode()
    const resource = file("/etc/some.conf", "a b\n", "0644")
    const bundle = sampleBundle({ files: [resource] })
    await node.stage("t1", bundle, [fileOperation(resource, "-")])
    const path = `var/lib/lbctl/stage/t1/release/files/${node.list("var/lib/lbctl/stage/t1/release/files")[0] ?? ""}`
    node.write(path, "other\n")
    expect((await node.run(["stage", "t1"])).lines).toEqual(["refused damaged - -"])
  })

  it("refuses to replace a folder", async () => {
    const node = newNode()
    node.write("etc/some.conf/file", "")
    const { reply } = await stageChecked(node, ["true"])
    expect(reply).toMatchObject({ reason: "folder", subject: "/etc/some.conf" })
  })

  it("refuses unit changes where it does not know the init system", async () => {
    const node = newNode()
    node.removePath("run/systemd")
    const bundle = sampleBundle()
    const { lines } = await node.stage("t1", bundle, sampleOperations(bundle))
    expect(lines).toEqual(["refused init web.service -"])
  })

  it("removes what a crash left of a stage that is over", async () => {
    const node = newNode()
    node.write("var/lib/lbctl/stage/t0/over", "")
    await node.stage("t1", sampleBundle(), [])
    expect(node.list("var/lib/lbctl/stage")).toEqual(["t1"])
  })
})

describe("the script", () => {
  it("names its verbs when it is called with none of them", async () => {
    const ended = await newNode().run(["nonsense"])
    expect(ended.code).toBe(3)
    expect(ended.stderr).toContain("usage: lbctl-node.sh")
  })
})
