import { describe, expect, it } from "vitest"
import { handlerOperations } from "../../src/plan/handlers.ts"
import { bundle } from "./fixtures.ts"

const file = (path: string, notify: string[]): Parameters<typeof bundle>[0] => ({
  files: [{ path, mode: "0644", owner: "root:root", content: "", notify }],
})

const wanted = bundle({
  files: [
    ...(file("/a", ["reload agent"])?.files ?? []),
    ...(file("/b", ["reload agent", "reload keepalived"])?.files ?? []),
  ],
  handlers: [
    {
      name: "reload agent",
      unit: "lbagent.service",
      run: ["lbagent", "reload"],
      withdraw: ["lbagent", "release"],
    },
    {
      name: "reload keepalived",
      unit: "keepalived.service",
      run: ["systemctl", "reload", "keepalived"],
      await: { run: ["systemctl", "is-active", "keepalived"], timeoutSeconds: 10 },
    },
  ],
})

describe("handlerOperations()", () => {
  it("runs each notified handler once, in the bundle's order, and waits where it says so", () => {
    const names = handlerOperations(wanted, { changed: ["/b", "/a"], first: [], started: [] }).map(
      (operation) => [operation.op, "name" in operation ? operation.name : ""],
    )
    expect(names).toEqual([
      ["run", "reload agent"],
      ["run", "reload keepalived"],
      ["await", "reload keepalived"],
    ])
  })

  it("runs nothing when nothing changed", () => {
    expect(handlerOperations(wanted, { changed: [], first: [], started: [] })).toEqual([])
  })

  it("carries the way to withdraw only when the file was not there before", () => {
    expect(
      handlerOperations(wanted, { changed: ["/a"], first: ["/a"], started: [] })[0],
    ).toMatchObject({
      withdraw: ["lbagent", "release"],
    })
    expect(
      handlerOperations(wanted, { changed: ["/a"], first: [], started: [] })[0],
    ).not.toHaveProperty("withdraw")
  })

  it("leaves out a handler whose unit starts anyway, but not its wait, nor a way back", () => {
    const started = ["lbagent.service", "keepalived.service"]
    const operations = handlerOperations(wanted, { changed: ["/b"], first: ["/b"], started })
    expect(operations.map((operation) => operation.op)).toEqual(["run", "await"])
    expect(operations[0]).toMatchObject({ name: "reload agent", withdraw: ["lbagent", "release"] })
  })
})
