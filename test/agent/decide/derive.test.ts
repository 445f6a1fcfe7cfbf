import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { derive, deriveAgain, type Derivation } from "../../../src/agent/decide/derive.ts"
import type { Known } from "../../../src/agent/decide/touched.ts"
import type { Resumption } from "../../../src/agent/decide/slow-start.ts"
import type { HealthReport } from "../../../src/agent/messages.ts"
import type { DesiredService } from "../../../src/model/desired.ts"
import type { Override } from "../../../src/model/override.ts"
import { keyOf, type DrainingServer, type QuorumState } from "../../../src/plan/ipvs-runtime.ts"
import { check, destination, director, held, server, service } from "../../plan/samples.ts"

const noonMs = Date.parse("2026-01-01T12:00:00.000Z")
const iso = (ms: number): string => new Date(ms).toISOString()
const sorryServer = { address: "10.0.0.99", port: 80, forwarding: "dr" } as const

function numbered(port: number, more: Partial<DesiredService>): DesiredService {
  const key = { kind: "address", protocol: "tcp", address: "192.0.2.10", port } as const
  return service({ name: `s${port}`, key, check, ...more })
}

/** One of each kind; they share hosts, and two of them a name. */
const state = director(
  numbered(1, {}),
  numbered(2, { sorryServer, quorum: { up: 2, hysteresis: 1 } }),
  numbered(3, { slowStartMs: 9000, servers: [1, 2, 3].map((n) => server(n, { weight: 20 })) }),
  numbered(4, { allDown: "remove", inhibitOnFailure: true, name: "s3" }),
  numbered(5, { scheduler: "sh", initial: "up", servers: [server(2), server(4)] }),
  numbered(6, { watermark: { low: 0.3, high: 0.7 }, servers: [1, 2, 3, 4].map((n) => server(n)) }),
  service({ name: "unchecked", servers: [server(1), server(5)] }),
)
const servers = state.services.flatMap((each) => each.servers.map((item) => keyOf(each, item)))

/** What the agent's books hold, as plain values. */
interface Books {
  readonly nowMs: number
  readonly health: ReadonlyMap<string, HealthReport>
  readonly overrides: readonly Override[]
  readonly resumed: readonly Resumption[]
  readonly draining: readonly DrainingServer[]
}

function knownOf(books: Books, quorum: ReadonlyMap<string, QuorumState>): Known {
  const { health, nowMs } = books
  return {
    ...books,
    health: { get: (key) => health.get(key)?.state },
    fallen: { get: (key) => health.get(key)?.lastUpMs },
    told: { get: (key) => health.get(key)?.weight },
    joined: (key) => health.get(key)?.joinedMs,
    quorum,
    adopted: new Map([
      ["tcp 192.0.2.10:1 10.0.0.1:80", 1],
      ["tcp 192.0.2.10:6 10.0.0.2:80", 0],
    ]),
    now: iso(nowMs),
  }
}

interface Event {
  readonly heard: readonly string[]
  readonly after: (books: Books) => Books
}

const reports = fc
  .array(
    fc.record({
      key: fc.constantFrom(...servers),
      state: fc.constantFrom("up", "down", "unknown"),
      ago: fc.nat({ max: 12_000 }),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((list): Event => ({
    heard: list.map(({ key }) => key),
    after: (books) => {
      const told = list.map(({ key, state: found, ago }): [string, HealthReport] => {
        const atMs = books.nowMs - ago
        const times = found === "up" ? { joinedMs: atMs } : { lastUpMs: atMs }
        return [key, { key, state: found, message: "", sinceMs: atMs, ...times }]
      })
      return { ...books, health: new Map([...books.health, ...told]) }
    },
  }))
const passing = fc.nat({ max: 6000 }).map((ms): Event => ({
  heard: [],
  after: (books) => ({ ...books, nowMs: books.nowMs + ms }),
}))
const scope = fc.constantFrom<Pick<Override, "host" | "service">>(
  { host: "rs1" },
  { host: "rs2", service: "s3" },
  { service: "s3" },
  { service: "unchecked" },
  { host: "rs99" },
)
const overriding = fc
  .tuple(scope, fc.constantFrom("drain", "disable", "weight"), fc.option(fc.nat({ max: 9000 })))
  .map(([whom, action, ms]): Event => ({
    heard: [],
    after: (books) => {
      const expires = ms === null ? {} : { expires: iso(books.nowMs + ms) }
      const override = { ...whom, action, weight: 3, by: "ann", since: "", ...expires } as const
      return { ...books, overrides: [...books.overrides, override] }
    },
  }))
const lifting = fc.nat({ max: 3 }).map((place): Event => ({
  heard: [],
  after: (books) => ({
    ...books,
    overrides: books.overrides.filter((_, index) => index !== place),
  }),
}))
const resuming = fc.tuple(scope, fc.nat({ max: 9000 })).map(([whom, overMs]): Event => ({
  heard: [],
  after: (books) => {
    const resumption = { ...whom, fromMs: books.nowMs, overMs }
    // The book tells them as new objects each time.
    return { ...books, resumed: [...books.resumed.map((one) => ({ ...one })), resumption] }
  },
}))
const draining = fc
  .tuple(fc.constantFrom(1, 2, 5, 7, 8), fc.integer({ min: 1, max: 9 }), fc.nat({ max: 9000 }))
  .map(([port, n, ms]): Event => ({
    heard: [],
    after: (books) => {
      const { destinations: _, ...head } = held([], port)
      const until = iso(books.nowMs + ms)
      const leaver = { service: head, destination: destination(n), until }
      return { ...books, draining: [...books.draining, leaver] }
    },
  }))
const drained = fc.nat({ max: 3 }).map((place): Event => ({
  heard: [],
  after: (books) => ({ ...books, draining: books.draining.filter((_, index) => index !== place) }),
}))
const events = fc.array(
  fc.oneof(reports, passing, overriding, lifting, resuming, draining, drained),
  {
    maxLength: 25,
  },
)
const nothingKnown: Books = {
  nowMs: noonMs,
  health: new Map(),
  overrides: [],
  resumed: [],
  draining: [],
}

function content({ table, quorum, ramps }: Derivation): object {
  return { table: [...table], quorum, ramps }
}

describe("deriveAgain", () => {
  it("gives what a derivation from scratch gives, after any sequence of events", () => {
    fc.assert(
      fc.property(events, (sequence) => {
        let books = nothingKnown
        let derived = derive(state, knownOf(books, new Map()))
        for (const { heard, after } of sequence) {
          books = after(books)
          const known = knownOf(books, derived.quorum)
          derived = deriveAgain(derived, state, known, heard)
          expect(content(derived)).toEqual(content(derive(state, known)))
        }
      }),
    )
  })

  it("keeps every service that nothing concerns as the same object", () => {
    const before = derive(state, knownOf(nothingKnown, new Map()))
    const drain: Override = { action: "drain", host: "rs5", by: "ann", since: "" }
    const known = knownOf({ ...nothingKnown, overrides: [drain] }, before.quorum)
    const after = deriveAgain(before, state, known, ["tcp 192.0.2.10:5 10.0.0.2:80"])
    const others = [...after.table].filter(([name, item]) => item !== before.table.get(name))
    expect(others.map(([name]) => name)).toEqual(["tcp 192.0.2.10:5", "tcp 192.0.2.10:80"])
  })
})
