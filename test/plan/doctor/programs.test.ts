import { describe, expect, it } from "vitest"
import type { FileResource } from "../../../src/model/bundle.ts"
import type { DirectorState } from "../../../src/model/desired.ts"
import type { ExaminedPath } from "../../../src/model/doctor.ts"
import type { Patient } from "../../../src/plan/doctor/check.ts"
import { programChecks, programsToAsk } from "../../../src/plan/doctor/programs.ts"
import { weighing } from "../samples.ts"
import { director, foundBy, messages, servicesBy, ward } from "./ward.ts"

const tell = "/usr/local/sbin/tell"
const secured = "global_defs {\n    enable_script_security\n    script_user root\n}\n"

function file(path: string, content: string, more: Partial<FileResource> = {}): FileResource {
  return { path, content, mode: "0644", owner: "root:root", notify: [], ...more }
}

/** What a host tells of a path whose folders are as they should be, but for what a test names. */
function examined(
  path: string,
  there: Readonly<Record<string, Partial<ExaminedPath>>> = {},
  ways: readonly string[] = [path],
): Patient["examined"] {
  const folder = { kind: "folder", mode: 0o755, uid: 0, gid: 0 } as const
  const folders = ["/", "/usr", "/usr/local", "/usr/local/sbin", "/opt"]
  const paths = new Map<string, ExaminedPath>(folders.map((name) => [name, folder]))
  for (const [name, found] of Object.entries({ [path]: {}, ...there }))
    paths.set(name, { ...folder, kind: "file", ...paths.get(name), ...found })
  return { ...director("lb1").examined, programs: new Map([[path, ways]]), paths }
}

function running(
  conf: string,
  told: Patient["examined"],
  files: readonly FileResource[] = [],
  state: Partial<DirectorState> = {},
): Patient {
  const { input } = director("lb1", {}, state)
  const all = [file("/etc/keepalived/keepalived.conf", conf), ...files]
  return { input: { ...input, bundle: { ...input.bundle, files: all } }, examined: told }
}

const found = (patient: Patient) => messages(programChecks, "V09", ward(patient))
const notified = `${secured}vrrp_instance a {\n    notify_master "${tell} master"\n}\n`

describe("V09 of the doctor", () => {
  it("finds nothing in a program that is root's alone, and on directors that run none", () => {
    expect(found(running(notified, examined(tell)))).toEqual([])
    expect(found(running("global_defs {\n}\n", director("lb1").examined))).toEqual([])
    expect(found(director("lb1"))).toEqual([])
  })

  it.each([
    ["is not there", {}, "it is not there", `install -o root -g root -m 0755 PROGRAM ${tell}`],
    ["is a folder", { [tell]: { kind: "folder" } }, "it is no file", /^install /],
    ["nobody may execute", { [tell]: { mode: 0o644 } }, "it is not executable", "chmod 0755"],
    [
      "everybody may write",
      { [tell]: { mode: 0o757 } },
      `${tell} is writable by everybody`,
      "go-w",
    ],
    [
      "a group may write",
      { [tell]: { mode: 0o775, gid: 7 } },
      `${tell} is writable by group 7`,
      "",
    ],
    ["is another's", { [tell]: { uid: 1000 } }, `${tell} belongs to user 1000`, "chown root:root"],
    ["stands in an open folder", { "/usr/local": { mode: 0o777 } }, "/usr/local is writable", ""],
  ] as const)("tells of a program that %s", (kind, there, what, cure) => {
    const told = examined(tell, there)
    const paths = new Map(told.paths)
    if (kind === "is not there") paths.delete(tell)
    const symptoms = foundBy(programChecks, "V09", ward(running(notified, { ...told, paths })))
    expect(symptoms).toHaveLength(1)
    expect(symptoms[0]?.message).toContain(`notify_master of keepalived.conf runs ${tell}: ${what}`)
    expect(symptoms[0]?.cure).toMatch(cure)
    expect(symptoms[0]?.cure).toMatch(/ on lb1$/)
  })

  it("takes root's group and a folder with the sticky bit as keepalived does: for no danger", () => {
    const open = { [tell]: { mode: 0o775 }, "/usr/local": { mode: 0o1777 } }
    expect(found(running(notified, examined(tell, open)))).toEqual([])
  })

  it("follows symbolic links, and tells of one that leads nowhere", () => {
    const real = "/opt/tell-2"
    const link = { [tell]: { kind: "link", mode: 0o777 } } as const
    const ways = [tell, real]
    const good = examined(tell, { ...link, [real]: {} }, ways)
    expect(found(running(notified, good))).toEqual([])
    const open = examined(tell, { ...link, [real]: { mode: 0o777 } }, ways)
    expect(found(running(notified, open))[0]).toContain(`${real} is writable by everybody`)
    expect(found(running(notified, examined(tell, link, [tell])))[0]).toContain("it is not there")
  })

  it("names an apply as the cure of what a role brings, and the role where that is wrong itself", () => {
    const told = examined(tell, { [tell]: { mode: 0o757 } })
    const cure = (mode: string) =>
      foundBy(programChecks, "V09", ward(running(notified, told, [file(tell, "", { mode })])))[0]
        ?.cure
    expect(cure("0755")).toBe("lbctl apply prod --limit lb1")
    expect(cure("0757")).toBe(`write mode: "0755" and no other owner for ${tell} into its role`)
  })

  it("says nothing of what the host did not tell", () => {
    expect(found(running(notified, director("lb1").examined))).toEqual([])
  })

  it("tells of a template that says nothing of script_user", () => {
    const [symptom] = foundBy(
      programChecks,
      "V09",
      ward(running(`notify "${tell}"\n`, examined(tell))),
    )
    expect(symptom?.message).toContain("without script_user and enable_script_security")
    expect(found(running(`notify "${tell}" nobody\n`, examined(tell)))).toEqual([])
  })

  it("looks for a program that runs as somebody else, not at who may change it", () => {
    const open = examined(tell, { [tell]: { mode: 0o777 } })
    for (const conf of [
      `script_user nobody\nenable_script_security\nnotify "${tell}"\n`,
      `${secured}notify_stop "${tell} now" nobody nogroup\n`,
      `${secured}vrrp_script a {\n    script ${tell}\n    user nobody\n}\n`,
    ])
      expect(found(running(conf, open))).toEqual([])
    const unset = examined(tell, { [tell]: { mode: 0o644 } })
    expect(found(running(`notify_stop "${tell}" nobody\n`, unset))).toEqual([
      `lb1: notify_stop of keepalived.conf runs ${tell}: it is not executable`,
    ])
  })

  it("asks for each program once, by what the file and the checks' commands say", () => {
    const check = { ...weighing, command: ["/usr/lib/weigh", "10"] }
    const services = servicesBy("dr").map((one) => ({ ...one, ipvs: "keepalived" as const, check }))
    const conf = [
      `    script "${tell} a"`,
      `    notify_master "${tell} b"`,
      "    # notify_backup /commented/out",
      '    quorum_up "/q/up web 192.0.2.10 80"',
      "    startup_script /start",
      "    script killall -0 nginx",
      `    misc_path "/usr/local/lib/lbctl/misc-check nobody LBCTL_PORT=80 /usr/lib/weigh 10"`,
    ]
    const { input } = running(conf.join("\n"), director("lb1").examined, [], { services })
    expect(programsToAsk(input).toSorted()).toEqual([
      "/q/up",
      "/start",
      "/usr/lib/weigh",
      "/usr/local/lib/lbctl/misc-check",
      tell,
    ])
  })
})
