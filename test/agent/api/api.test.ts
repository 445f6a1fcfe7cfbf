import { mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir, userInfo } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { serveApi } from "../../../src/agent/api/api.ts"
import { request, type Server } from "node:http"
import { ask, problemsOf } from "../../../src/agent/client.ts"
import { addOverride, liftOverride, tellOverrides } from "../../../src/agent/api/api-overrides.ts"
import { Director } from "../../../src/agent/director/director.ts"
import { Follower } from "../../../src/agent/vrrp/follower.ts"
import { agentPaths } from "../../../src/agent/paths.ts"
import { loginHeader, loginText, ownLogin, parseLogin } from "../../../src/agent/api/login.ts"
import { MetricsListener } from "../../../src/agent/api/metrics-listener.ts"
import { Notifier } from "../../../src/agent/notify/notifier.ts"
import { ProcessBook } from "../../../src/agent/process-book.ts"
import { StateLog } from "../../../src/agent/director/state-log.ts"
import type { AgentStatus } from "../../../src/model/agent-status.ts"
import type { StateChange } from "../../../src/model/state-change.ts"
import { FakeStore } from "../../fakes/agent-store.ts"
import { FakeIpvs } from "../../fakes/ipvs-kernel.ts"
import { FakeMarkTables } from "../../fakes/mark-tables.ts"
import { vrrp } from "../../plan/fixtures.ts"
import { director as define, service, web } from "../../plan/samples.ts"

const key = { kind: "address", protocol: "tcp", address: "192.0.2.10", port: 25 } as const

describe("the API", () => {
  const root = mkdtempSync(join(tmpdir(), "lbagent-api-"))
  const paths = agentPaths(root)
  const kernel = new FakeIpvs()
  const store = new FakeStore()
  const now = () => Date.now()
  const changes = new StateLog(() => undefined)
  const note = (change: StateChange) => changes.note(change)
  const processes = new ProcessBook(note)
  const notifier = new Notifier({ host: "lb1", now, log: () => undefined })
  const listener = new MetricsListener(
    () => "",
    () => undefined,
  )
  const shared = { kernel, store, addresses: () => [], now, log: () => undefined, note }
  const marks = new FakeMarkTables()
  const director = new Director({ ...shared, marks, sendTargets: () => undefined })
  const follower = new Follower({
    ...shared,
    keepalivedRuns: () => false,
    overrides: () => [],
    sendOrders: () => undefined,
  })
  let server: Server

  beforeAll(async () => {
    server = await serveApi(paths, { director, follower, changes, processes, listener, notifier })
  })
  afterAll(() => {
    server.close()
    rmSync(root, { recursive: true, force: true })
  })

  async function send(...[method, path, body]: ["GET" | "POST" | "DELETE", string, unknown?]) {
    const reply = await ask(paths.socket, method, path, body)
    if (reply === undefined) throw new Error("nobody answers")
    return { ...reply, words: reply.code === 200 ? [] : problemsOf(reply).map((p) => p.message) }
  }

  it("is for root and its group alone", () => {
    expect(statSync(paths.socket).mode & 0o777).toBe(0o660)
  })

  it("answers a reload once the kernel holds it", async () => {
    store.define(define(service()))
    expect((await send("POST", "/reload")).body).toEqual({ ok: true, problems: [] })
    expect(kernel.table).toHaveLength(1)
  })

  it("answers a refused reload with all problems", async () => {
    const good = store.text
    store.text = "{}"
    const { code, words } = await send("POST", "/reload")
    expect(code).toBe(422)
    expect(words).toContain("services is missing")
    store.text = good
  })

  it("tells the status and the metrics", async () => {
    const status = (await send("GET", "/status")).body as AgentStatus
    expect(status).toMatchObject({ running: true, owned: [web] })
    const metrics = String((await send("GET", "/metrics")).body)
    expect(metrics).toContain(
      `lbctl_server_weight{service="${web}",name="web",server="10.0.0.1:80",host="rs1"} 1\n`,
    )
    expect(metrics).toContain("# TYPE lbctl_server_connections_total counter\n")
  })

  it("sets and lifts overrides", async () => {
    const drain = { action: "drain", host: "rs2", by: "ann", reason: "disk" }
    expect((await send("POST", "/overrides", drain)).code).toBe(200)
    expect(director.overrides).toMatchObject([drain])
    expect(
      (await send("DELETE", "/overrides?action=drain&by=bob&host=rs2&service=web")).words,
    ).toEqual(["rs2 is drained as a whole, not rs2:web"])
    const lifting = "/overrides?action=drain&by=bob&host=rs2"
    expect((await send("DELETE", lifting)).code).toBe(200)
    expect((await send("DELETE", lifting)).words).toEqual(["rs2 is not drained here"])
  })

  it("refuses what access rules do not grant, and changes nothing then", () => {
    const good = store.text
    const rule = { cluster: "tokyo", users: ["ann"], groups: [], operations: ["drain" as const] }
    store.define({ ...define(service({ cluster: "tokyo" })), access: [rule] })
    expect(director.reload().ok).toBe(true)
    const before = director.overrides
    const [ann, bob] = ["ann", "bob"].map((user) => ({ user, groups: [] }))
    const drain = { action: "drain", host: "rs2", by: "ann" } as const
    const disable = { ...drain, action: "disable", since: "2026-01-01T12:00:00.000Z" }
    const told = { records: [{ ...disable, action: "drain" }, disable] }
    const lifting = new URLSearchParams({ action: "drain", host: "rs2", by: "bob" })
    for (const answer of [
      addOverride(director, drain, bob),
      addOverride(director, drain, undefined),
      tellOverrides(director, told, ann),
      liftOverride(director, lifting, bob),
    ])
      expect(answer.code).toBe(403)
    expect(director.overrides).toEqual(before)
    expect(addOverride(director, drain, ann).code).toBe(200)
    expect(liftOverride(director, lifting, ann).code).toBe(200)
    store.text = good
    director.reload()
  })

  it("asks access rules for a failover that somebody orders, not for that of an apply", async () => {
    const good = store.text
    const rule = { cluster: "tokyo", users: ["ann"], groups: [], operations: ["failover" as const] }
    store.define({
      ...define(),
      vrrp: [vrrp({ cluster: "tokyo", instance: "tokyo" })],
      access: [rule],
    })
    expect(director.reload().ok).toBe(true)
    const failover = (query: string, user: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        request(
          {
            socketPath: paths.socket,
            method: "POST",
            path: `/failover?instance=tokyo${query}`,
            headers: { [loginHeader]: loginText({ user, groups: [] }) },
          },
          (response) => resolve(response.resume().statusCode),
        )
          .once("error", reject)
          .end()
      })
    expect(await failover("&by=eve", "eve")).toBe(403)
    // Whom no rule stops is told that there is no master here.
    expect(await failover("&by=ann", "ann")).toBe(409)
    expect(await failover("", "deploy")).toBe(409)
    store.text = good
    director.reload()
  })

  it("is told who asks", async () => {
    const login = { user: "ann", groups: ["domain users", "lvs"] }
    expect(parseLogin(loginText(login))).toEqual(login)
    for (const text of [undefined, "ann", "%7B", encodeURIComponent('{"user":""}')])
      expect(parseLogin(text)).toBeUndefined()
    const { username, uid } = userInfo()
    expect(ownLogin({}).user).toBe(username)
    expect(ownLogin({ SUDO_USER: "nobody" }).user).toBe(uid === 0 ? "nobody" : username)
    expect(ownLogin({}).groups.length).toBeGreaterThan(0)
    expect(ownLogin({ SUDO_USER: "no-such-user" }).groups).toEqual(
      uid === 0 ? [] : ownLogin({}).groups,
    )
  })

  it("takes in what another director was told, known here or not, once", async () => {
    const since = "2026-01-01T12:00:00.000Z"
    const records = [{ action: "disable", host: "rs7", by: "ann", since }]
    const path = "/overrides/merge"
    expect((await send("POST", path, { records })).body).toEqual({ ok: true, taken: 1 })
    expect((await send("POST", path, { records })).body).toEqual({ ok: true, taken: 0 })
    const odd = [{ ...records[0], weight: 3, since: "today" }]
    expect((await send("POST", path, { records: odd })).words).toEqual([
      "records[0].since must be a time like 2026-01-31T12:00:00.000Z",
    ])
    expect(
      (await send("POST", path, { records: [{ ...records[0], weight: 3 }] })).words[0],
    ).toMatch(/a weight goes with the action weight/)
    expect((await send("DELETE", "/overrides?action=disable&by=bob&host=rs7")).code).toBe(200)
  })

  it("refuses to drain where keepalived would undo it unseen", async () => {
    const good = store.text
    store.define(define(service(), { ...service({ ipvs: "keepalived", name: "mail" }), key }))
    await send("POST", "/reload")
    const drain = { action: "drain", host: "rs2", by: "ann" }
    const words = [
      "keepalived programs mail and knows no overrides: give rs2 weight: 0 in the definition and apply",
    ]
    expect((await send("POST", "/overrides", drain)).words).toEqual(words)
    expect((await send("POST", "/overrides", { ...drain, service: "mail" })).words).toEqual(words)
    expect((await send("POST", "/overrides", { ...drain, service: "web" })).code).toBe(200)
    await send("DELETE", "/overrides?host=rs2&service=web")
    store.text = good
    await send("POST", "/reload")
  })

  it("refuses overrides of what is not there, with the nearest name", async () => {
    const drain = { action: "drain", host: "rs22", by: "ann" }
    expect((await send("POST", "/overrides", drain)).words).toEqual([
      "no real server rs22 here; did you mean rs2?",
    ])
    const other = { ...drain, host: "rs2", service: "wep" }
    expect((await send("POST", "/overrides", other)).words).toEqual([
      "no service wep here; did you mean web?",
    ])
    expect((await send("POST", "/overrides", { action: "drain", by: "ann" })).words).toEqual([
      "a host or a service is missing",
    ])
  })

  it("refuses a failover of an instance it does not have, and what is no question at all", async () => {
    expect((await send("POST", "/failover?instance=osaka")).words).toEqual([
      "no vrrp_instance osaka here",
    ])
    expect((await send("GET", "/nothing")).code).toBe(404)
  })
})
