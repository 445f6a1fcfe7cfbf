import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { bundleOf, contentOf, realserverView } from "../render/fixtures.ts"

const folder = mkdtempSync(join(tmpdir(), "lbctl-lvs-real-"))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs shell lines in a network and mount namespace of their own, `lvs-real` in the path and /run empty. */
function inNamespace(lines: string): string {
  const script = contentOf(bundleOf(realserverView()), "/usr/local/sbin/lvs-real")
  writeFileSync(join(folder, "lvs-real"), script, { mode: 0o755 })
  const prelude = `set -u; mount -t tmpfs none /run; ip link set lo up; PATH=${folder}:$PATH\n`
  return execFileSync("unshare", ["-mn", "sh", "-c", prelude + lines], { encoding: "utf8" })
}

function mayUnshare(): boolean {
  return spawnSync("unshare", ["-mn", "ip", "link"]).status === 0
}

describe.skipIf(!mayUnshare())("lvs-real on a kernel", () => {
  const sysctls =
    "cat /proc/sys/net/ipv4/conf/all/arp_ignore /proc/sys/net/ipv4/conf/all/arp_announce"

  it("starts, twice, tells its status, and puts back what it found", () => {
    const output = inNamespace(`
      echo 3 >/proc/sys/net/ipv4/conf/all/arp_ignore
      lvs-real status >/dev/null; echo "before $?"
      lvs-real start && lvs-real start; echo "start $?"
      lvs-real status; echo "status $?"
      ${sysctls}
      ip -6 address del 2001:db8::10/128 dev lo
      lvs-real status >/dev/null; echo "one missing $?"
      lvs-real stop && lvs-real stop; echo "stop $?"
      ${sysctls}
      ip -o address show dev lo scope global
      ls /run
    `)
    expect(output.trim().split("\n")).toEqual([
      "before 3",
      "start 0",
      "ok       sysctl net.ipv4.conf.all.arp_ignore",
      "ok       sysctl net.ipv4.conf.default.arp_ignore",
      "ok       sysctl net.ipv4.conf.all.arp_announce",
      "ok       sysctl net.ipv4.conf.default.arp_announce",
      "ok       192.0.2.10/32 on lo",
      "ok       2001:db8::10/128 on lo",
      "status 0",
      "1",
      "2",
      "one missing 1",
      "stop 0",
      "3",
      "0",
    ])
  })

  it("adds no VIP when the host can't be silenced", () => {
    const output = inNamespace(`
      mount -o bind,ro /proc/sys /proc/sys
      lvs-real start 2>/dev/null; echo "start $?"
      ip -o address show dev lo scope global
    `)
    expect(output.trim()).toBe("start 1")
  })
})
