import { rmSync } from "node:fs"
import { join } from "node:path"
import { writeLargeFleet } from "./fleet.mjs"
import { compare, measure } from "./measure.mjs"
import { absolute } from "./report.mjs"

const services = 1000
const perPool = 10

/** `lbctl render` (which validates first) of 1,000 services with 10 real servers each, for few large and many small pools. */
export function render(folder) {
  const shapes = [1, 100].map((pools) => {
    const inventory = join(folder, `render-${pools}`)
    writeLargeFleet(inventory, { services, pools, perPool })
    const output = join(inventory, "out")
    const command = [process.execPath, "bin/lbctl.js", "render", inventory, "-o", output]
    return {
      name: `lbctl render, ${(pools * perPool).toLocaleString("en")} hosts in all`,
      cost: () => {
        rmSync(output, { recursive: true, force: true })
        return measure(command)
      },
    }
  })
  const costs = compare(Object.fromEntries(shapes.map(({ name, cost }) => [name, cost])), {
    rounds: 5,
  })
  rmSync(folder, { recursive: true })
  return {
    title: "Validate and render 1,000 services with 10 real servers each",
    costs,
    verdicts: shapes.map(({ name }) => absolute(costs, "cpu", { of: name, target: 1500 })),
  }
}
