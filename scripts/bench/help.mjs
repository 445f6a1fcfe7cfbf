import { compare } from "./measure.mjs"
import { ratio } from "./report.mjs"

/** `lbctl --help` against Node doing nothing. */
export function help() {
  const node = "node -e 0"
  const ours = "lbctl --help"
  const costs = compare(
    {
      [node]: [process.execPath, "-e", "0"],
      [ours]: [process.execPath, "bin/lbctl.js", "--help"],
    },
    { rounds: 21 },
  )
  return {
    title: "Start-up: lbctl --help",
    costs,
    verdicts: ["cpu", "wall"].map((kind) => ratio(costs, kind, { of: ours, to: node, target: 2 })),
  }
}
