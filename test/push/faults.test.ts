import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { connect as connectTcp, createServer } from "node:net"
import type { AddressInfo, Server, Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

import ssh2 from "ssh2"
import { afterEach, beforeEach, describe, expect, it } from "vitest"

import type { Connection } from "../../src/model/fleet.ts"
import { openConnector } from "../../src/push/connector.ts"
import type { Connector } from "../../src/push/connector.ts"
import { connectionTo } from "../connections.ts"
import { freePort } from "./sshd.ts"

const keys = ssh2.utils.generateKeyPairSync("ed25519")
const hostKeys = ssh2.utils.generateKeyPairSync("ed25519")

describe("connections to hosts that misbehave", () => {
  let home: string
  let connector: Connector
  const cleanups: (() => void)[] = []

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "lbctl-faults-"))
    mkdirSync(join(home, ".ssh"))
    writeFileSync(join(home, ".ssh/id_ed25519"), keys.private)
    writeFileSync(join(home, ".ssh/known_hosts"), `[127.0.0.1]:* ${hostKeys.public}\n`)
    connector = openConnector({
      home,
      user: "ops",
      connectTimeoutMs: 3000,
      retryPausesMs: [20, 20],
    })
  })
  afterEach(() => {
    connector.close()
    for (const cleanup of cleanups.splice(0)) cleanup()
    rmSync(home, { recursive: true })
  })

  async function listen(server: Server | ssh2.Server): Promise<Connection> {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    cleanups.push(() => server.close())
    const { port } = server.address() as AddressInfo
    return { ...connectionTo("127.0.0.1", port), user: "ops" }
  }

  function raw(handle: (socket: Socket) => void): Promise<Connection> {
    return listen(
      createServer((socket) => {
        socket.on("error", () => undefined)
        handle(socket)
      }),
    )
  }

  function sshServer(command: (channel: ssh2.ServerChannel, client: ssh2.Connection) => void) {
    return new ssh2.Server({ hostKeys: [hostKeys.private] }, (client) => {
      client.on("error", () => undefined)
      client.on("authentication", (login) => {
        if (login.method === "publickey") login.accept()
        else login.reject(["publickey"])
      })
      client.on("session", (accept) => {
        accept().on("exec", (acceptExec) => command(acceptExec(), client))
      })
    })
  }

  it("tells a refused connection, after its retries", async () => {
    const port = await freePort()
    const connection = connectionTo("127.0.0.1", port)
    await expect(connector.connect(connection)).rejects.toMatchObject({
      code: "unreachable",
      message: `[127.0.0.1]:${port} refuses connections`,
    })
  })

  it("tells a name that does not resolve", async () => {
    const connection = connectionTo("no-such-host.invalid", 22)
    await expect(connector.connect(connection)).rejects.toMatchObject({
      message: "the name no-such-host.invalid does not resolve",
    })
  })

  it("gives up on a host that accepts and then says nothing, once its time is over", async () => {
    let connections = 0
    const connection = await raw(() => (connections += 1))
    const impatient = openConnector({
      home,
      user: "ops",
      connectTimeoutMs: 200,
      retryPausesMs: [20, 20],
    })
    await expect(impatient.connect(connection)).rejects.toMatchObject({
      code: "unreachable",
      message: `ops@[127.0.0.1]:${connection.port} accepted the connection and then said nothing`,
    })
    expect(connections).toBe(1)
  })

  it("tells when what listens there is no SSH server", async () => {
    const connection = await raw((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))
    await expect(connector.connect(connection)).rejects.toMatchObject({ code: "unreachable" })
  })

  it("tries again when the server drops a connection before the login, as MaxStartups does", async () => {
    const real = await listen(
      sshServer((channel) => {
        channel.exit(0)
        channel.end()
      }),
    )
    let count = 0
    const front = await raw((socket) => {
      count++
      if (count < 3) socket.destroy()
      else {
        const back = connectTcp(real.port, "127.0.0.1")
        socket.pipe(back).pipe(socket)
        socket.on("close", () => back.destroy())
      }
    })
    const transport = await connector.connect(front)
    expect((await transport.exec("true", { timeoutMs: 1000 })).code).toBe(0)
    expect(count).toBe(3)
    transport.close()
  })

  it("does not try again when the login was refused", async () => {
    let logins = 0
    const server = new ssh2.Server({ hostKeys: [hostKeys.private] }, (client) => {
      client.on("error", () => undefined)
      logins++
      client.on("authentication", (login) => login.reject(["publickey"]))
    })
    await expect(connector.connect(await listen(server))).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringContaining("refused the login"),
    })
    expect(logins).toBe(1)
  })

  it("fails as unreachable when the server goes away without an exit code", async () => {
    const connection = await listen(
      sshServer((channel, client) => {
        channel.write("partial")
        setTimeout(() => client.end(), 20)
      }),
    )
    const transport = await connector.connect(connection)
    await expect(transport.exec("true", { timeoutMs: 5000 })).rejects.toMatchObject({
      code: "unreachable",
      message: "the connection died while a command was running",
    })
  })

  it("fails as unreachable when the server goes away before it starts the command", async () => {
    const server = new ssh2.Server({ hostKeys: [hostKeys.private] }, (client) => {
      client.on("error", () => undefined)
      client.on("authentication", (login) => login.accept())
      client.on("session", (accept) => void accept().on("exec", () => client.end()))
    })
    const transport = await connector.connect(await listen(server))
    await expect(transport.exec("true", { timeoutMs: 5000 })).rejects.toMatchObject({
      code: "unreachable",
    })
  })
})
