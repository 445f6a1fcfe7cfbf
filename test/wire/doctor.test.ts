import { describe, expect, it } from "vitest"
import { bareDoctorRequest, doctorText, parseDoctorReply } from "../../src/wire/doctor.ts"

describe("what is sent to examine a host", () => {
  it("is both scripts, the questions and the call", () => {
    const request = {
      modules: ["ip_vs_mh"],
      units: ["ipvsadm"],
      routes: ["2001:db8::21"],
      neighbours: ["192.0.2.10"],
      names: ["198.51.100.9"],
      receivers: ["eth0.5"],
      keepalived: true,
      programs: ["/usr/local/sbin/tell,it"],
    }
    expect(doctorText("reading\n", "doctor\n", request)).toEqual({
      ok: true,
      value:
        "reading\ndoctor\nask module ip_vs_mh\nask unit ipvsadm\nask route 2001:db8::21\nask neighbour 192.0.2.10\nask name 198.51.100.9\nask receiver eth0.5\nask keepalived\nask program /usr/local/sbin/tell,it\nexamine\n",
    })
  })

  it("holds no word that a shell would take for more", () => {
    expect(doctorText("", "", { ...bareDoctorRequest, modules: ["x;reboot"] }).ok).toBe(false)
    for (const path of ["tell", "/tell us", "/$(reboot)", "/x*"])
      expect(doctorText("", "", { ...bareDoctorRequest, programs: [path] }).ok).toBe(false)
  })
})

describe("what a host answers", () => {
  it("counts only when it came to its end", () => {
    expect(parseDoctorReply("clock 10\nboot-module ip_vs\n")).toBeUndefined()
    expect(parseDoctorReply("clock 10\nend\n")?.nowMs).toBe(10_000)
  })

  it("leaves out what is no record: a route without a device, a switch without a value", () => {
    const reply = parseDoctorReply(
      "clock 10\nroute unreachable default\nroute 192.0.2.1 uid 0\nswitch net/ipv4/x\nmodule m odd\nend\n",
    )
    expect([reply?.routes.size, reply?.switches.size, reply?.modules.size]).toEqual([0, 0, 0])
  })

  it("tells of programs: the ways to each, and what is at every step", () => {
    const reply = parseDoctorReply(
      "clock 10\nprogram /a/b\nway /a/b /a b/b\nway /a/b /c\nprogram /no/x\n" +
        "path 41ed 0 0 /\npath 43ff 0 0 /a b\npath a1ff 1000 100 /a b/b\npath 89ed 0 0 /c\npath 21b6 0 0 /d\nend\n",
    )
    expect(Object.fromEntries(reply?.programs ?? [])).toEqual({
      "/a/b": ["/a b/b", "/c"],
      "/no/x": [],
    })
    expect(Object.fromEntries(reply?.paths ?? [])).toEqual({
      "/": { kind: "folder", mode: 0o755, uid: 0, gid: 0 },
      "/a b": { kind: "folder", mode: 0o1777, uid: 0, gid: 0 },
      "/a b/b": { kind: "link", mode: 0o777, uid: 1000, gid: 100 },
      "/c": { kind: "file", mode: 0o4755, uid: 0, gid: 0 },
      "/d": { kind: "other", mode: 0o666, uid: 0, gid: 0 },
    })
  })

  describe("of keepalived", () => {
    const keepalived = (...lines: readonly string[]) =>
      parseDoctorReply(["clock 10", ...lines.map((line) => `keepalived ${line}`), "end"].join("\n"))
        ?.keepalived

    it("tells its processes, its pid file, and when it read what was written when", () => {
      const told = [
        "Type=notify",
        "MainPID=1032",
        "StateChangeTimestamp=Sun 2026-11-22 09:53:58 UTC",
        "Children=1033:S 1034:T",
        "PidFile=/run/keepalived.pid 1032",
        "ConfigurationTime=2026-11-22 09:53:23.854328400 +0000",
      ]
      expect(keepalived(...told)).toEqual({
        mainPid: 1032,
        children: [
          { pid: 1033, state: "S" },
          { pid: 1034, state: "T" },
        ],
        pidFile: { path: "/run/keepalived.pid", pid: 1032 },
        loadedAt: "2026-11-22 09:53:58",
        writtenAt: "2026-11-22 09:53:23",
      })
    })

    it("knows when it read its file only where it tells systemd of that itself", () => {
      const stamp = "StateChangeTimestamp=Sun 2026-11-22 09:53:58 UTC"
      expect(keepalived("Type=forking", "MainPID=7", stamp)).toEqual({ mainPid: 7 })
      expect(keepalived("Type=notify", "MainPID=7", "StateChangeTimestamp=")).toEqual({
        mainPid: 7,
      })
      expect(keepalived("Type=notify-reload", "MainPID=7", stamp)?.loadedAt).toBeDefined()
    })

    it("takes the later time for its last reading where the clock was set since", () => {
      const stamp = "StateChangeTimestamp=Sun 2026-11-22 09:53:58 UTC"
      const loadedAt = (time: string) =>
        keepalived("Type=notify", "MainPID=7", stamp, `LoadTime=2026-11-22 ${time}`)?.loadedAt
      expect(loadedAt("09:00:00")).toBe("2026-11-22 09:53:58")
      expect(loadedAt("10:00:00")).toBe("2026-11-22 10:00:00")
    })

    it("is nothing where none runs", () => {
      expect(keepalived("Type=notify", "MainPID=0")).toBeUndefined()
      expect(keepalived()).toBeUndefined()
    })

    it("tells no processes from a process without any", () => {
      expect(keepalived("MainPID=7", "Children=")?.children).toEqual([])
      expect(keepalived("MainPID=7")?.children).toBeUndefined()
    })
  })

  it("tells the sizes that a route has of its own, also a locked one", () => {
    const reply = parseDoctorReply(
      "default 4 via 192.0.2.1 dev eth0 mtu lock 1400 advmss 1340\nroute 192.0.2.21 dev eth0 mtu 1450\nend\n",
    )
    expect(reply?.defaultRoutes).toEqual([
      { family: 4, via: "192.0.2.1", device: "eth0", mtu: 1400, advmss: 1340 },
    ])
    expect(reply?.routes.get("192.0.2.21")).toEqual({ device: "eth0", mtu: 1450 })
  })
})
