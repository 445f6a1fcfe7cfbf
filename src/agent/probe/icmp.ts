import { randomBytes, randomInt } from "node:crypto"
import { family } from "../../core/address.ts"
import type { Outcome } from "../decide/health.ts"
import type { CheckTarget } from "../decide/targets.ts"
import type { EchoSocket } from "../kernel/echo-socket.ts"
import { openEchoSocket } from "../kernel/echo-socket.ts"
import { echoRequest, parseEchoReply } from "../protocol/icmp.ts"
import type { Deadline } from "./deadline.ts"

/** Node does not wake for a raw socket: it is looked into so often while an answer is out. */
const pollMs = 5
/** 64 bytes with the header, as ping sends; the first of them are the question's own, which nobody can guess. */
const payloadBytes = 56
const tokenBytes = 16

/** All echo requests of one source share a socket: the kernel hands every raw socket every reply. */
class Pinger {
  readonly #version: 4 | 6
  readonly #socket: EchoSocket
  readonly #waiting = new Map<string, () => void>()
  readonly #id = randomInt(0x10000)
  #sequence = 0
  #timer: NodeJS.Timeout | undefined

  constructor(version: 4 | 6, source: string | undefined) {
    this.#version = version
    this.#socket = openEchoSocket(version, source)
  }

  /** Whether the address answers in time. Rejects with Failure when there is no way to it. */
  ask(address: string, deadline: Deadline): Promise<boolean> {
    const payload = Buffer.alloc(payloadBytes)
    const token = randomBytes(tokenBytes)
    token.copy(payload)
    this.#sequence = (this.#sequence + 1) & 0xffff
    this.#socket.send(address, echoRequest(this.#version, this.#id, this.#sequence, payload))
    return new Promise((resolve) => {
      const key = token.toString("hex")
      const end = (answered: boolean): void => {
        clearTimeout(timer)
        this.#waiting.delete(key)
        resolve(answered)
      }
      const timer = setTimeout(() => {
        this.#read()
        end(false)
      }, deadline.leftMs)
      this.#waiting.set(key, () => end(true))
      this.#timer ??= setInterval(() => this.#read(), pollMs)
    })
  }

  #read(): void {
    for (const packet of this.#socket.read()) {
      const payload = parseEchoReply(this.#version, packet)
      if (payload === undefined) continue
      this.#waiting.get(Buffer.from(payload.subarray(0, tokenBytes)).toString("hex"))?.()
    }
    if (this.#waiting.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}

const pingers = new Map<string, Pinger>()

/** Whether a host answers an echo request. Rejects with Failure. */
export async function askIcmp(target: CheckTarget, deadline: Deadline): Promise<Outcome> {
  const { address, source } = target
  const version = family(address) ?? 4
  const name = `${version} ${source ?? ""}`
  const pinger = pingers.get(name) ?? new Pinger(version, source)
  pingers.set(name, pinger)
  return (await pinger.ask(address, deadline))
    ? { ok: true, message: "echo reply" }
    : { ok: false, message: deadline.silence }
}
