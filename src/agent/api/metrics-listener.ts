import { createServer, type Server } from "node:http"
import { formatEndpoint } from "../../core/address.ts"
import type { DirectorState } from "../../model/desired.ts"

type Listen = NonNullable<DirectorState["metrics"]>["listen"]

/** Serves `GET /metrics` and nothing else on the address the definition names, while it names one. */
export class MetricsListener {
  readonly #text: () => string
  readonly #log: (line: string) => void
  #server: Server | undefined
  #wanted = ""
  #warning: string | undefined
  #made: { readonly text: string; readonly atMs: number } | undefined

  /** `text` makes what is served, when it is asked for. */
  constructor(text: () => string, log: (line: string) => void) {
    this.#text = text
    this.#log = log
  }

  /** Why nothing is served; none when all is well. */
  get warnings(): readonly string[] {
    return this.#warning === undefined ? [] : [this.#warning]
  }

  /** The port that is served; undefined while none is. */
  get port(): number | undefined {
    const address = this.#server?.address()
    return typeof address === "object" ? address?.port : undefined
  }

  /** Once a second and after a reload: follows the definition, and tries again where an address could not be had. */
  follow(listen: Listen | undefined): void {
    const wanted = listen === undefined ? "" : formatEndpoint(listen.address, listen.port)
    if (wanted === this.#wanted && this.#warning === undefined) return
    this.#server?.close()
    this.#server?.closeAllConnections()
    this.#server = undefined
    this.#wanted = wanted
    if (listen === undefined) this.#warning = undefined
    else this.#open(listen, wanted)
  }

  /** Whoever asks, the kernel's table is read once a second at most. */
  #fresh(): string {
    const nowMs = performance.now()
    if (this.#made === undefined || nowMs - this.#made.atMs >= 1000)
      this.#made = { text: this.#text(), atMs: nowMs }
    return this.#made.text
  }

  #open(listen: Listen, name: string): void {
    const server = createServer((request, response) => {
      if (request.method !== "GET" || request.url !== "/metrics")
        return response.writeHead(404).end("only GET /metrics is served here\n")
      return response
        .writeHead(200, { "content-type": "text/plain; version=0.0.4" })
        .end(this.#fresh())
    })
    server.maxConnections = 16
    this.#server = server
    server.on("listening", () => {
      if (this.#server === server) this.#warning = undefined
    })
    server.on("error", (error) => {
      if (this.#server !== server) return
      const warning = `metrics are not served on ${name}: ${error.message}`
      if (warning !== this.#warning) this.#log(warning)
      this.#warning = warning
    })
    server.listen(listen.port, listen.address)
  }
}
