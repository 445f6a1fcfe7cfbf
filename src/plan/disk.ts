import type { Bundle } from "../model/bundle.ts"
import type { Notice } from "../model/plan.ts"
import type { Observed } from "../model/observed.ts"

/** What the node script wants besides, KiB: its own text, journal and history. */
const besidesKib = 1024

/**
 * A host whose disk cannot take the release: found before anything is brought to any host. The node script asks for as
 * much again before it stages (lbctl-node.sh, enough_disk): twice the files, for backups and copies.
 */
export function missingRoom(bundle: Bundle, observed: Observed): Notice[] {
  const free = Number(observed.facts["disk_free_kib"] ?? Number.NaN)
  const files = bundle.files.reduce((sum, file) => sum + file.content.length, 0)
  const needed = Math.ceil(files / 1024) * 2 + besidesKib
  if (Number.isNaN(free) || free >= needed) return []
  return [
    {
      host: observed.host,
      message: `there is no room on the disk: ${free} KiB free in /var/lib, ${needed} needed`,
      hint: "make room there: lbctl keeps its last ten releases in /var/lib/lbctl/releases",
    },
  ]
}
