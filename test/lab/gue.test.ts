import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { bundleOf, contentOf, realserverView } from "../render/fixtures.ts"
import { skipWithoutLab } from "./lib/available.ts"
import { Lab } from "./lib/lab.ts"
import type { LabNode } from "./lib/node.ts"

const vip = "10.77.0.100"
const vip6 = "fd77::100"

describe.skipIf(skipWithoutLab())("a real server of gue services", () => {
  let lab: Lab
  let lb1: LabNode
  let rs1: LabNode
  const bundle = bundleOf(
    realserverView({
      vips: [
        { address: vip, prefix: 32, family: 4, services: ["web"], device: "tunl0" },
        { address: vip6, prefix: 128, family: 6, services: ["web"], device: "lo" },
      ],
      tunnels: ["gue"],
      gueSockets: [
        { port: 5555, family: 4 },
        { port: 5555, family: 6 },
      ],
    }),
  )

  beforeAll(async () => {
    lab = await Lab.up({ nodes: ["lb1", "rs1"] })
    lb1 = lab.node("lb1")
    rs1 = lab.node("rs1")
    const lines = bundle.files.flatMap(({ path, mode }) => [
      `mkdir -p ${path.slice(0, path.lastIndexOf("/"))}`,
      `echo ${Buffer.from(contentOf(bundle, path)).toString("base64")} | base64 -d >${path}; chmod ${mode} ${path}`,
    ])
    await rs1.must(lines.join("\n"))
    await rs1.must(
      `systemctl daemon-reload; systemctl enable -q --now ${bundle.units.map(({ name }) => name).join(" ")}`,
    )
    await lab.serveHttp("rs1", { port: 80 })
    await lb1.must(`for family in "-t ${vip}:80 ${rs1.address}:80" "-t [${vip6}]:80 [${rs1.address6}]:80"; do
      set -- $family
      ipvsadm -A $1 $2; ipvsadm -a $1 $2 -r $3 -i --tun-type gue --tun-port 5555 --tun-nocsum
    done`)
  })

  afterAll(async () => {
    await lab?.down()
  })

  it("answers clients through the tunnel, in both families", async () => {
    expect(await lb1.must(`curl -s -m 5 http://${vip}/`)).toContain("rs1")
    expect(await lb1.must(`curl -s -m 5 http://[${vip6}]/`)).toContain("rs1")
  })

  it("opens the sockets again after a power loss, and closes them with their units", async () => {
    await rs1.powerLoss()
    await rs1.boot()
    expect((await rs1.must("ip fou show")).match(/port 5555 gue/g)).toHaveLength(2)
    await rs1.must("systemctl stop lbctl-gue-5555 lbctl-gue6-5555")
    expect((await rs1.must("ip fou show")).trim()).toBe("")
  })
})
