import type { Socket } from "node:net"
import { Failure } from "../../core/failure.ts"
import type { Deadline } from "./deadline.ts"
import { errorText } from "./words.ts"

/** No message of a check's protocol is longer. */
const mostBytes = 65_538

/** A connection on which messages are said and waited for. */
export class Conversation {
  readonly #socket: Socket
  readonly #deadline: Deadline
  #bytes = Buffer.alloc(0)
  #ended: string | undefined
  #wake: () => void = () => undefined

  constructor(socket: Socket, deadline: Deadline) {
    this.#socket = socket
    this.#deadline = deadline
    socket.on("data", (part) => {
      this.#bytes = Buffer.concat([this.#bytes, part])
      if (this.#bytes.length > mostBytes) socket.pause()
      this.#wake()
    })
    socket.on("error", (error) => this.#end(errorText(error)))
    socket.on("end", () => this.#end("connection closed"))
    socket.on("close", () => this.#end("connection closed"))
  }

  say(message: Uint8Array | string): void {
    this.#socket.write(message)
  }

  /**
   * The next message.
   * @param length its length, once the bytes that have come hold all of it.
   * Rejects with Failure when it does not come in time, or the connection ends before.
   */
  async hear(length: (bytes: Uint8Array) => number | undefined): Promise<Uint8Array> {
    for (;;) {
      const whole = length(this.#bytes)
      if (whole !== undefined) {
        const message = this.#bytes.subarray(0, whole)
        this.#bytes = this.#bytes.subarray(whole)
        return message
      }
      if (this.#bytes.length > mostBytes) throw failed("the answer has no end")
      if (this.#ended !== undefined) throw failed(this.#ended)
      await this.#more()
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(failed(this.#deadline.silence)), this.#deadline.leftMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #end(words: string): void {
    this.#ended ??= words
    this.#wake()
  }
}

function failed(message: string): Failure {
  return new Failure("failed", message)
}
