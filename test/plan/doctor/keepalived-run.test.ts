import { describe, expect, it } from "vitest"
import { sha256 } from "../../../src/core/digest.ts"
import type { ExaminedKeepalived } from "../../../src/model/doctor.ts"
import type { DirectorState } from "../../../src/model/desired.ts"
import type { Patient } from "../../../src/plan/doctor/check.ts"
import { keepalivedRunChecks, keepalivedToAsk } from "../../../src/plan/doctor/keepalived-run.ts"
import { bundle, vrrp } from "../fixtures.ts"
import { director, foundBy, messages, servicesBy, ward } from "./ward.ts"

const path = "/etc/keepalived/keepalived.conf"
const speaker = { pid: 1034, state: "S" }
const well: ExaminedKeepalived = {
  mainPid: 1032,
  children: [speaker],
  pidFile: { path: "/run/keepalived.pid", pid: 1032 },
  loadedAt: "2026-01-01 09:59:59",
  writtenAt: "2026-01-01 09:59:59",
}
const checking = servicesBy("dr").map((service) => ({ ...service, ipvs: "keepalived" as const }))

function running(
  differs: Partial<ExaminedKeepalived>,
  state: Partial<DirectorState> = {},
): Patient {
  return director("lb1", { examined: { keepalived: { ...well, ...differs } } }, state)
}

const found = (patient: Patient) => messages(keepalivedRunChecks, "V12", ward(patient))
const cures = (patient: Patient) =>
  foundBy(keepalivedRunChecks, "V12", ward(patient)).map(({ cure }) => cure)

describe("V12 of the doctor", () => {
  it("finds nothing where keepalived runs whole, and where none was told of", () => {
    expect(found(running({}))).toEqual([])
    expect(found(director("lb1"))).toEqual([])
  })

  it("tells of processes that are missing or dead, and has a reload start them", () => {
    const message = "lb1: keepalived is to have 1 process below it (VRRP), and has 0"
    expect(found(running({ children: [] }))).toEqual([message])
    expect(found(running({ children: [{ pid: 1034, state: "Z" }] }))).toEqual([message])
    expect(cures(running({ children: [] }))).toEqual(["systemctl reload keepalived.service on lb1"])
    expect(found(running({}, { services: checking }))).toEqual([
      "lb1: keepalived is to have 2 processes below it (VRRP and checks), and has 1",
    ])
  })

  it("wants a process for checks only of the services that keepalived programs, and none for VRRP of the agent's", () => {
    const children = [speaker, { pid: 1033, state: "R" }]
    expect(found(running({ children }, { services: checking }))).toEqual([])
    const native = { vrrp: [vrrp({ driver: "native" })] }
    expect(found(running({ children: [] }, native))).toEqual([])
    expect(found(running({ children: [] }, { ...native, services: checking }))).toHaveLength(1)
  })

  it("says nothing of processes that the kernel does not tell of", () => {
    const { children: _children, ...untold } = well
    expect(found(director("lb1", { examined: { keepalived: untold } }))).toEqual([])
  })

  it("tells of a process that a signal has stopped", () => {
    const stopped = running({ children: [{ pid: 1034, state: "T" }] })
    expect(found(stopped)).toEqual(["lb1: process 1034 of keepalived is stopped by a signal"])
    expect(cures(stopped)).toEqual(["kill -CONT 1034 on lb1"])
  })

  it("tells of a pid file that names another process", () => {
    const misnamed = running({ pidFile: { path: "/run/keepalived.pid", pid: 17 } })
    expect(found(misnamed)).toEqual([
      "lb1: /run/keepalived.pid names process 17, and keepalived is 1032",
    ])
    expect(cures(misnamed)).toEqual(["echo 1032 >/run/keepalived.pid on lb1"])
  })

  const later = "2026-01-01 10:00:00"

  it("tells of a file that is newer than what keepalived read", () => {
    expect(found(running({ writtenAt: later }))).toEqual([
      "lb1: keepalived.conf was written at 2026-01-01 10:00:00 UTC, and keepalived last read it at 2026-01-01 09:59:59",
    ])
    const { loadedAt: _loaded, ...untold } = { ...well, writtenAt: later }
    expect(found(director("lb1", { examined: { keepalived: untold } }))).toEqual([])
  })

  it("has a file of the definition's read, and another replaced by an apply", () => {
    const patient = running({ writtenAt: later })
    const { input, examined } = patient
    const content = "vrrp_instance a {\n}\n"
    const file = { path, content, mode: "0640", owner: "root:root", notify: [] }
    const holding = (text: string): Patient => ({
      input: {
        ...input,
        bundle: bundle({ files: [file] }),
        observed: { ...input.observed, files: { [path]: { sha256: sha256(text) } } },
      },
      examined,
    })
    expect(cures(holding(content))).toEqual(["systemctl reload keepalived.service on lb1"])
    expect(cures(holding("edited"))).toEqual(["lbctl apply prod --limit lb1"])
    expect(cures(patient)).toEqual(["lbctl apply prod --limit lb1"])
  })

  it("is asked for where keepalived is to run", () => {
    const units = [{ name: "keepalived.service", enabled: true, running: true }]
    expect(keepalivedToAsk({ bundle: bundle({ units }) })).toBe(true)
    expect(keepalivedToAsk({ bundle: bundle() })).toBe(false)
  })
})
