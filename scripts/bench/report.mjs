// How figures are printed, and held against targets.

/** One line: `of` as a multiple of `to`. */
export function ratio(costs, kind, { of, to, target }) {
  const value = costs.get(of)[kind] / costs.get(to)[kind]
  return verdict(`${words[kind]}, ${of} / ${to}: ${value.toFixed(2)}`, `${target}`, value <= target)
}

/** One line: what `of` costs, in milliseconds. */
export function absolute(costs, kind, { of, target }) {
  const value = costs.get(of)[kind]
  return verdict(`${words[kind]}, ${of}: ${seconds(value)}`, `${seconds(target)}`, value <= target)
}

const words = { wall: "wall", cpu: "CPU" }

/** A title and a table of medians, with the CPU of the hosts too. */
export function printWithHosts({ title, costs }) {
  const width = Math.max(...[...costs.keys()].map((name) => name.length))
  console.log(`\n${title}`)
  console.log(`  ${"median of one run".padEnd(width)}       wall        CPU  hosts' CPU`)
  for (const [name, { wall, cpu, targets }] of costs)
    console.log(
      `  ${name.padEnd(width)} ${[wall, cpu, targets].map((ms) => seconds(ms).padStart(10)).join(" ")}`,
    )
}

/** One line each; a verdict is a text, its value, `>=` or `<=`, and the target. */
export function printVerdicts(verdicts) {
  for (const [text, value, relation, target] of verdicts) {
    const met = relation === ">=" ? value >= target : value <= target
    const most = relation === ">=" ? "at least" : "at most"
    console.log(
      `  ${met ? "met   " : "MISSED"}  ${text}: ${value.toFixed(1)} (target ${most} ${target})`,
    )
  }
}

function verdict(text, target, met) {
  return `${met ? "met   " : "MISSED"}  ${text} (target ${target})`
}

/** A title, a table of medians, the verdicts. */
export function print({ title, costs, verdicts }) {
  const width = Math.max(...[...costs.keys()].map((name) => name.length))
  console.log(`\n${title}`)
  console.log(`  ${"median of one run".padEnd(width)}       wall        CPU`)
  for (const [name, { wall, cpu }] of costs)
    console.log(
      `  ${name.padEnd(width)} ${seconds(wall).padStart(10)} ${seconds(cpu).padStart(10)}`,
    )
  for (const line of verdicts) console.log(`  ${line}`)
}

function seconds(ms) {
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`
}
