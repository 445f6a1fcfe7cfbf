import { PassThrough, Readable } from "node:stream"
import { describe, expect, it } from "vitest"
import { Failure } from "../../src/core/failure.ts"
import { Secret } from "../../src/core/secret.ts"
import type { Connection } from "../../src/model/fleet.ts"
import type { TraceEvent } from "../../src/model/trace.ts"
import { tracedOpen } from "../../src/push/traced-open.ts"
import { tracedTransport } from "../../src/push/traced.ts"
import type { ExecOptions, Transport } from "../../src/push/transport.ts"
import { connectionTo } from "../connections.ts"

const release = "ab".repeat(32)

/** A tracing whose clock goes on by 10 ms each time it is looked at, and all that was told. */
function tracing() {
  const told: TraceEvent[] = []
  let now = 0
  return {
    told,
    trace: (_host: string, event: TraceEvent) => void told.push(event),
    clock: () => (now += 10),
    user: "ops",
  }
}

/** Answers every command with these lines and this code; reads what it is sent to the end. */
function answering(lines: readonly string[], code = 0): Transport {
  return {
    async exec(_command, { stdin }) {
      if (stdin instanceof Readable) for await (const _chunk of stdin);
      return { code, stdout: lines.map((line) => `${line}\n`).join(""), stderr: "" }
    },
    open: async () => ({
      async *lines() {
        yield* lines
      },
      write: () => undefined,
      ended: Promise.resolve({ code, stderr: "" }),
      close: () => undefined,
    }),
    close: () => undefined,
  }
}

const dying: Transport = {
  exec: () => Promise.reject(new Failure("unreachable", "the connection died")),
  open: () => Promise.reject(new Failure("unreachable", "the connection died")),
  close: () => undefined,
}

const patient: ExecOptions = { timeoutMs: 1000 }

describe("a traced transport", () => {
  it("tells of a command what it is, what it answered and how it ended, and answers the same", async () => {
    const seen = tracing()
    const plain = answering(["fact os Linux", `release ${release}`, "end"])
    const transport = tracedTransport(plain, { host: "rs1", step: "observe" }, seen)
    const options = { ...patient, stdin: "want hunter2" }
    expect(await transport.exec("sh -s", options)).toEqual(await plain.exec("sh -s", options))
    expect(seen.told).toEqual([
      { type: "ran", step: "observe", command: "sh -s" },
      { type: "replied", record: "fact os Linux" },
      { type: "replied", record: `release ${release}` },
      { type: "replied", record: "end" },
      { type: "ended", step: "observe", ms: 10, code: 0, sent: 12, received: 91, release },
    ])
    expect(JSON.stringify(seen.told)).not.toContain("hunter2")
  })

  it("counts what is streamed", async () => {
    const seen = tracing()
    const transport = tracedTransport(answering([]), { host: "rs1", step: "install" }, seen)
    const stdin = Readable.from([Buffer.alloc(70_000), Buffer.alloc(5)])
    await transport.exec("install", { ...patient, stdin })
    expect(seen.told.at(-1)).toMatchObject({ type: "ended", sent: 70_005 })
  })

  it("hands on that a stream cannot be read", async () => {
    const source = new PassThrough()
    const transport = tracedTransport(answering([]), { host: "rs1", step: "install" }, tracing())
    const running = transport.exec("install", { ...patient, stdin: source })
    source.destroy(new Error("no such file"))
    await expect(running).rejects.toThrow("no such file")
  })

  it("tells that the connection died, and lets the failure through", async () => {
    for (const method of ["exec", "open"] as const) {
      const seen = tracing()
      const transport = tracedTransport(dying, { host: "rs1", step: "activate" }, seen)
      await expect(transport[method]("sh", patient)).rejects.toThrow("the connection died")
      expect(seen.told.at(-1)).toEqual({
        type: "broke",
        step: "activate",
        ms: 10,
        message: "the connection died",
      })
    }
  })

  const activation = { host: "rs1", step: "activate", transaction: "m1-x" } as const

  it("tells what a running command says as it is read, and its end when nobody reads on", async () => {
    const seen = tracing()
    const transport = tracedTransport(answering(["armed 30", "activated", "x"]), activation, seen)
    const channel = await transport.open("activate")
    channel.write("go\n")
    for await (const line of channel.lines()) if (line === "activated") break
    expect(seen.told.slice(1)).toEqual([
      { type: "replied", record: "armed 30" },
      { type: "replied", record: "activated" },
      { type: "ended", step: "activate", ms: 10, sent: 3, received: 19, transaction: "m1-x" },
    ])
  })

  it("tells the exit code of a running command that ended by itself", async () => {
    const seen = tracing()
    const transport = tracedTransport(answering(["stale /etc/a"], 5), activation, seen)
    for await (const _line of (await transport.open("activate")).lines());
    expect(seen.told.at(-1)).toMatchObject({ type: "ended", code: 5 })
  })
})

describe("a traced connection", () => {
  const connection: Connection = {
    ...connectionTo("192.0.2.21", 2222),
    via: { ...connectionTo("192.0.2.1", 22), user: "gate" },
    proxyCommand: "proxy --token hunter2",
    password: new Secret("hunter2"),
    become: { method: "sudo", user: "root", password: new Secret("hunter2") },
  }
  const route = {
    user: "ops",
    address: "192.0.2.21",
    port: 2222,
    via: ["gate@192.0.2.1"],
    proxyCommand: true,
    transport: "builtin",
    become: "sudo",
  }

  it("tells where it leads and how long it took, and no secret", async () => {
    const seen = tracing()
    const transport = answering([])
    const open = tracedOpen(async () => transport, "rs1", connection, seen)
    expect(await open(false)).toBe(transport)
    expect(seen.told).toEqual([
      { type: "connecting", route },
      { type: "connected", route, ms: 10 },
    ])
    expect(JSON.stringify(seen.told)).not.toContain("hunter2")
  })

  it("tells why there is none", async () => {
    const seen = tracing()
    const refused = new Failure("unreachable", "connection refused")
    const open = tracedOpen(() => Promise.reject(refused), "rs1", connectionTo("::1", 22), seen)
    await expect(open(true)).rejects.toBe(refused)
    expect(seen.told.at(-1)).toMatchObject({ type: "unconnected", message: "connection refused" })
  })
})
