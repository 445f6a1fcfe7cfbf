export type Labels = Readonly<Record<string, string>>
export type Sample = readonly [Labels, number]

/**
 * One metric in the text exposition format 0.0.4 of Prometheus
 * (prometheus.io/docs/instrumenting/exposition_formats). One without samples is not there at all.
 */
export function metric(
  name: string,
  type: "gauge" | "counter",
  help: string,
  samples: readonly Sample[],
): string {
  if (samples.length === 0) return ""
  const lines = samples.map(([labels, value]) => `${name}${labelText(labels)} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`
}

/** Backslash, quote and line feed are the three that are escaped in a label's value. */
function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")
}
