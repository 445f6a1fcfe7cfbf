import { afterAll, describe, expect, it } from "vitest"
import type { HealthCheck } from "../../../src/model/check.ts"
import { Servers, ask, rhythm } from "./servers.ts"

const servers = new Servers()
afterAll(() => servers.close())

const smtp = (more: object = {}): HealthCheck => ({ ...rhythm, type: "smtp", ...more })

/** A mail server that greets so, and answers each line by its first word. */
function mail(greeting: string, answers: Readonly<Record<string, string>>, heard: string[] = []) {
  return servers.tcp((socket) => {
    socket.write(greeting)
    socket.on("data", (data) => {
      const line = String(data).trimEnd()
      heard.push(line)
      const answer = answers[line.split(" ")[0] ?? ""]
      if (answer !== undefined) socket.write(answer)
    })
  })
}
const well = { HELO: "250-mx\r\n250 SIZE\r\n", QUIT: "221 bye\r\n" }

describe("an smtp check", () => {
  it("hears the greeting, says HELO and QUIT", async () => {
    const heard: string[] = []
    const port = await mail("220-mx.example.org\r\n220 ESMTP\r\n", well, heard)
    expect(await ask(smtp({ heloName: "lb1.example.org" }), port)).toEqual({
      ok: true,
      message: "SMTP 250",
    })
    expect(heard).toEqual(["HELO lb1.example.org", "QUIT"])
  })

  it("names itself by its address where it has no name", async () => {
    const heard: string[] = []
    await ask(smtp(), await mail("220 mx\r\n", well, heard))
    expect(heard[0]).toBe("HELO [127.0.0.1]")
  })

  it("wants the greeting as told", async () => {
    const port = await mail("220 mx.example.org ESMTP\r\n", well)
    expect((await ask(smtp({ greeting: "mx.example.org" }), port)).ok).toBe(true)
    expect(await ask(smtp({ greeting: "other" }), port)).toEqual({
      ok: false,
      message: 'the greeting lacks "other"',
    })
  })

  it("fails on other codes, and on what is no SMTP", async () => {
    expect(await ask(smtp(), await mail("554 no\r\n", well))).toEqual({
      ok: false,
      message: "greeting: SMTP 554, wanted 220",
    })
    expect(await ask(smtp(), await mail("220 mx\r\n", { HELO: "450 later\r\n" }))).toEqual({
      ok: false,
      message: "HELO: SMTP 450, wanted 250",
    })
    expect((await ask(smtp(), await mail("+OK POP3\r\n", well))).message).toBe(
      'greeting: no SMTP: "+OK POP3\\r\\n", wanted 220',
    )
  })

  it("fails on silence, and on a greeting without an end", async () => {
    expect((await ask(smtp(), await mail("", well))).message).toBe("no answer within 400ms")
    const endless = await servers.tcp((socket) => {
      const timer = setInterval(() => socket.write("220-more\r\n".repeat(2000)), 1)
      socket.on("close", () => clearInterval(timer))
    })
    expect((await ask(smtp({ timeoutMs: 3000 }), endless)).message).toBe("the answer has no end")
  })

  it("is well when only the QUIT stays without an answer", async () => {
    const port = await mail("220 mx\r\n", { HELO: "250 mx\r\n" })
    expect((await ask(smtp({ timeoutMs: 150 }), port)).ok).toBe(true)
  })
})
