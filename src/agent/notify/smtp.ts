import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { connect as connectTls } from "node:tls"
import type { MailRoute } from "../../model/notifications.ts"

/** A reply's code and text; several lines are one reply (RFC 5321, section 4.2.1). */
interface Reply {
  readonly code: number
  readonly lines: readonly string[]
}

/**
 * Hands one message to a mail server (RFC 5321), over TLS where the server offers STARTTLS (RFC 3207). The certificate is not
 * judged: a relay's is seldom one of a public authority, and TLS without it still keeps listeners out (RFC 7435). Rejects
 * with the server's words, or when `timeoutMs` is over.
 */
export async function sendMail(
  { from, to, server }: MailRoute,
  text: string,
  host: string,
  timeoutMs: number,
): Promise<void> {
  const plain = connect({ host: server.host, port: server.port })
  let socket: Socket = plain
  const late = setTimeout(
    () => socket.destroy(new Error(`no end after ${timeoutMs / 1000}s`)),
    timeoutMs,
  )
  try {
    let talk = conversation(plain)
    await talk.expect(220)
    let greeted = await talk.say(`EHLO ${host}`, 250)
    if (greeted.lines.some((line) => /^STARTTLS\b/i.test(line))) {
      await talk.say("STARTTLS", 220)
      talk.leave()
      const secure = connectTls({ socket: plain, rejectUnauthorized: false })
      socket = secure
      await once(secure, "secureConnect")
      talk = conversation(secure)
      greeted = await talk.say(`EHLO ${host}`, 250)
    }
    await talk.say(`MAIL FROM:<${from}>`, 250)
    for (const one of to) await talk.say(`RCPT TO:<${one}>`, 250, 251)
    await talk.say("DATA", 354)
    await talk.say(`${text}\r\n.`, 250)
    socket.end("QUIT\r\n")
  } catch (thrown) {
    socket.destroy()
    plain.destroy()
    throw thrown
  } finally {
    clearTimeout(late)
  }
}

interface Conversation {
  say(line: string, ...good: readonly number[]): Promise<Reply>
  expect(...good: readonly number[]): Promise<Reply>
  leave(): void
}

function conversation(socket: Socket): Conversation {
  let text = ""
  let waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void } | undefined
  let broken: Error | undefined
  const heard = (): void => {
    const end = /^\d{3}(?: .*)?\r?\n/m.exec(text)
    if (end === null || waiting === undefined) return
    const whole = text.slice(0, end.index + end[0].length)
    text = text.slice(whole.length)
    const lines = whole.trimEnd().split(/\r?\n/)
    waiting.resolve({ code: Number(end[0].slice(0, 3)), lines: lines.map((line) => line.slice(4)) })
    waiting = undefined
  }
  const onData = (chunk: Buffer): void => {
    text += chunk.toString("utf8")
    if (text.length > 65_536) socket.destroy(new Error("the server talks without end"))
    heard()
  }
  const fail = (error: Error): void => {
    broken = error
    waiting?.reject(error)
    waiting = undefined
  }
  const onClose = (): void => fail(new Error("the server closed the connection"))
  socket.on("data", onData).on("error", fail).on("close", onClose)
  const expect = async (...good: readonly number[]): Promise<Reply> => {
    const reply = await new Promise<Reply>((resolve, reject) => {
      if (broken !== undefined) return reject(broken)
      waiting = { resolve, reject }
      return heard()
    })
    if (!good.includes(reply.code))
      throw new Error(`the server answered ${reply.code} ${reply.lines.join(" ")}`)
    return reply
  }
  return {
    expect,
    say(line, ...good) {
      socket.write(`${line}\r\n`)
      return expect(...good)
    },
    leave: () => socket.off("data", onData).off("error", fail).off("close", onClose),
  }
}
