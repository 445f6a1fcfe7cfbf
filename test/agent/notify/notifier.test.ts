import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer as createHttp, type Server } from "node:http"
import { createServer, type AddressInfo, type Server as NetServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, describe, expect, it, vi } from "vitest"
import { Notifier } from "../../../src/agent/notify/notifier.ts"
import { mailText } from "../../../src/agent/notify/mail-text.ts"
import { changeKinds, type Notifications } from "../../../src/model/notifications.ts"
import type { StateChange } from "../../../src/model/state-change.ts"

const down: StateChange = {
  at: "2026-01-01T12:00:00.000Z",
  kind: "server",
  name: "tcp 192.0.2.10:80",
  server: "10.0.0.1:80",
  host: "rs1",
  from: "up",
  to: "down",
  message: "connection refused",
}
const quorum: StateChange = { ...down, kind: "quorum", message: "" }

/** A loaded machine takes its time. */
function soon(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 20_000 })
}

let nowMs = 0
let lines: string[] = []
const open: (Server | NetServer)[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
  lines = []
  nowMs = 0
})

function notifier(): Notifier {
  return new Notifier({ host: "lb1", now: () => nowMs, log: (line) => lines.push(line) })
}

function settings(parts: Partial<Notifications>): Notifications {
  return { on: changeKinds, minIntervalMs: 60_000, ...parts }
}

async function portOf(server: Server | NetServer): Promise<number> {
  open.push(server.listen(0, "127.0.0.1"))
  await once(server, "listening")
  return (server.address() as AddressInfo).port
}

/** A mail server of RFC 5321 that keeps what it is told; it refuses recipients named nobody. */
function mailServer(mails: string[]): NetServer {
  return createServer((socket) => {
    let text = ""
    let data = false
    socket.write("220 relay.example.net\r\n")
    socket.on("error", () => undefined)
    socket.on("data", (chunk) => {
      text += chunk.toString()
      for (;;) {
        const end = data ? text.indexOf("\r\n.\r\n") : text.indexOf("\r\n")
        if (end < 0) return
        const said = text.slice(0, end)
        text = text.slice(end + (data ? 5 : 2))
        if (data) {
          mails.push(said)
          data = false
          socket.write("250 2.0.0 queued\r\n")
        } else if (said.startsWith("EHLO")) socket.write("250-relay\r\n250 8BITMIME\r\n")
        else if (said.includes("nobody")) socket.write("550 5.1.1 no such user\r\n")
        else if (said === "DATA") {
          data = true
          socket.write("354 go on\r\n")
        } else socket.write(said === "QUIT" ? "221 bye\r\n" : "250 ok\r\n")
      }
    })
  })
}

function mailTo(port: number, to: string): Notifications {
  return settings({
    mail: { from: "lbctl@example.net", to: [to], server: { host: "127.0.0.1", port } },
  })
}

describe("notifications", () => {
  it("mail a real server that goes down, as one message with what comes together", async () => {
    const mails: string[] = []
    const wanted = mailTo(await portOf(mailServer(mails)), "ops@example.net")
    const told = notifier()
    told.note(down, wanted)
    told.tick(wanted)
    await soon(() => expect(mails).toHaveLength(1))
    const [headers = "", body = ""] = (mails[0] ?? "").split("\r\n\r\n")
    expect(headers).toContain(
      "Subject: [lbctl] lb1: rs1 (10.0.0.1:80) of tcp 192.0.2.10:80: up -> down",
    )
    expect(headers).toContain("To: ops@example.net")
    expect(Buffer.from(body, "base64").toString()).toBe(
      `${down.at} rs1 (10.0.0.1:80) of tcp 192.0.2.10:80: up -> down: connection refused\n`,
    )
    told.note(down, wanted)
    told.note(quorum, wanted)
    told.tick(wanted)
    nowMs = 60_000
    told.tick(wanted)
    await soon(() => expect(mails).toHaveLength(2))
    expect(mails[1]).toContain("Subject: [lbctl] lb1: 2 changes of state")
    expect(told.warnings).toEqual([])
  })

  it("warn in the server's words when a mail is refused, and try again", async () => {
    const mails: string[] = []
    const port = await portOf(mailServer(mails))
    const told = notifier()
    const refused = mailTo(port, "nobody@example.net")
    told.note(down, refused)
    told.tick(refused)
    await soon(() => expect(told.warnings).toHaveLength(1))
    expect(told.warnings[0]).toBe(
      "notifications by mail: the server answered 550 5.1.1 no such user",
    )
    nowMs = 60_000
    told.tick(mailTo(port, "ops@example.net"))
    await soon(() => expect(mails).toHaveLength(1))
    await soon(() => expect(told.warnings).toEqual([]))
  })

  it("post JSON to a webhook", async () => {
    const bodies: unknown[] = []
    const server = createHttp((request, response) => {
      let text = ""
      request.on("data", (chunk: Buffer) => (text += chunk.toString()))
      request.on("end", () => {
        bodies.push(JSON.parse(text))
        response.end()
      })
    })
    const wanted = settings({ webhook: `http://127.0.0.1:${await portOf(server)}/hook` })
    const told = notifier()
    told.note(down, wanted)
    told.tick(wanted)
    await soon(() => expect(bodies).toHaveLength(1))
    expect(bodies[0]).toMatchObject({ host: "lb1", changes: [down], omitted: 0 })
  })

  it("run a command with its arguments, no shell between, and JSON on standard input", async () => {
    const folder = mkdtempSync(join(tmpdir(), "lbagent-notify-"))
    const file = join(folder, "told $HOME.json")
    const wanted = settings({ command: ["/bin/sh", "-c", 'cat > "$1"', "sh", file] })
    const told = notifier()
    told.note(down, wanted)
    told.tick(wanted)
    await soon(() =>
      expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ changes: [down] }),
    )
    rmSync(folder, { recursive: true })
  })

  it("say why a command failed, and stop warning when it is no longer wanted", async () => {
    const wanted = settings({ command: ["/bin/sh", "-c", "echo no pager >&2; exit 3"] })
    const told = notifier()
    told.note(down, wanted)
    told.tick(wanted)
    await soon(() => expect(told.warnings).toHaveLength(1))
    expect(told.warnings[0]).toBe("notifications by command: /bin/sh ended with exit 3 no pager")
    expect(lines).toHaveLength(1)
    told.tick(undefined)
    expect(told.warnings).toEqual([])
  })

  it("leave out what nobody asked for", () => {
    const wanted = settings({ on: ["vrrp"], command: ["/bin/false"] })
    const told = notifier()
    told.note(down, wanted)
    told.tick(wanted)
    expect(told.warnings).toEqual([])
  })
})

describe("mailText()", () => {
  it("lets nothing from a check's words become a header, and encodes what is not ASCII", () => {
    const route = { from: "a@example.net", to: ["b@example.net"], server: { host: "m", port: 25 } }
    const subject = "tücke\r\nBcc: eve@example.net"
    const text = mailText(route, { subject, body: "x", date: new Date(0), id: "1", host: "lb1" })
    expect(text).not.toMatch(/^Bcc/m)
    expect(text).toMatch(/^Subject: =\?utf-8\?B\?/m)
    expect(text).toContain("Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n")
  })
})
