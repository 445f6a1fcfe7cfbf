import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A key and its certificate. */
export interface Pair {
  readonly key: Buffer
  readonly cert: Buffer
}

/** An authority of openssl(1) in a folder of its own. */
export class Authority {
  readonly #folder = mkdtempSync(join(tmpdir(), "lbctl-ca-"))

  constructor() {
    this.#openssl(
      ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ["-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test authority", "-days", "3650"],
    )
  }

  get file(): string {
    return join(this.#folder, "ca.pem")
  }

  /** A certificate for a name or `IP:` address that is valid from now for so many days. */
  issue(name: string, days: number): Pair {
    const subject = name.startsWith("IP:") ? name : `DNS:${name}`
    this.#openssl(
      ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ["-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=server"],
      ["-addext", `subjectAltName=${subject}`],
    )
    this.#openssl(
      ["x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key"],
      ["-CAcreateserial", "-copy_extensions", "copy", "-days", String(days), "-out", "server.pem"],
    )
    return { key: this.#read("server.key"), cert: this.#read("server.pem") }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true })
  }

  #read(name: string): Buffer {
    return readFileSync(join(this.#folder, name))
  }

  #openssl(...words: string[][]): void {
    execFileSync("openssl", words.flat(), { cwd: this.#folder, stdio: "pipe" })
  }
}
