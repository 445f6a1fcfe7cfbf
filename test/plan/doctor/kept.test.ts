import { describe, expect, it } from "vitest"
import type { Examination } from "../../../src/model/doctor.ts"
import type { Patient } from "../../../src/plan/doctor/check.ts"
import { keptChecks } from "../../../src/plan/doctor/kept.ts"
import { director, messages, realServer, ward } from "./ward.ts"

const found = (id: string, ...hosts: readonly Patient[]) => messages(keptChecks, id, ward(...hosts))
const kept = (key: string, value: string): Examination["kept"] => [
  { file: "/etc/sysctl.d/99-site.conf", key, value },
]

describe("the doctor on what a boot sets", () => {
  it("finds nothing on healthy hosts", () => {
    const hosts = ward(director("lb1"), director("lb2"), realServer())
    expect(keptChecks.flatMap(({ find }) => find(hosts))).toEqual([])
  })

  it("S18 names the file that overrules lbctl at a boot, however the key is written", () => {
    const sysctls = { "net.ipv4.conf.all.arp_ignore": "1" }
    const examined = { kept: kept("net/ipv4/conf/all/arp_ignore", "0") }
    expect(found("S18", realServer({ sysctls, examined }))).toEqual([
      "rs1: /etc/sysctl.d/99-site.conf sets net.ipv4.conf.all.arp_ignore to 0 at a boot, and lbctl wants 1",
    ])
    const same = { kept: [...examined.kept, ...kept("net.ipv4.conf.all.arp_ignore", "1")] }
    expect(found("S18", realServer({ sysctls, examined: same }))).toEqual([])
  })

  it("S19 finds a VLAN's name with a dot", () => {
    const examined = { kept: kept("net.ipv4.conf.eth0.100.rp_filter", "2") }
    expect(found("S19", realServer({ examined }))).toEqual([
      "rs1: /etc/sysctl.d/99-site.conf means no interface by net.ipv4.conf.eth0.100.rp_filter",
    ])
    for (const key of ["net.ipv4.conf.eth0/100.rp_filter", "net/ipv4/conf/eth0.100/rp_filter"])
      expect(found("S19", realServer({ examined: { kept: kept(key, "2") } }))).toEqual([])
  })
})
