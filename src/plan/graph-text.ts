import type { Graph, GraphEdge, GraphNode } from "./graph.ts"

/** A flowchart in Mermaid's words (mermaid.js.org, "Flowcharts - Basic Syntax"). */
export function mermaidText({ nodes, edges }: Graph): string {
  const names = new Map(nodes.map(({ id }, index) => [id, `n${index + 1}`] as const))
  const nameOf = (id: string): string => names.get(id) ?? ""
  return [
    "flowchart LR",
    ...nodes.map((node) => `  ${nameOf(node.id)}${mermaidBox(node)}`),
    ...edges.map((edge) => `  ${nameOf(edge.from)} ${mermaidArrow(edge)} ${nameOf(edge.to)}`),
  ].join("\n")
}

function mermaidBox({ kind, lines }: GraphNode): string {
  const text = `"${lines.map(entities).join("<br>")}"`
  switch (kind) {
    case "director":
      return `([${text}])`
    case "cluster":
      return `{{${text}}}`
    case "service":
      return `[${text}]`
    case "real-server":
      return `(${text})`
    case "sorry-server":
      return `[/${text}/]`
    default:
      return kind satisfies never
  }
}

function mermaidArrow({ label, spare }: GraphEdge): string {
  const line = spare ? "-.->" : "-->"
  return label === "" ? line : `${line}|"${entities(label)}"|`
}

/** What would end a quoted text, or begin markup in it, as Mermaid's entity codes. */
function entities(text: string): string {
  return text.replaceAll(/[#"<>&]/g, (sign) => `#${sign.charCodeAt(0)};`)
}

/** A digraph in the DOT language (graphviz.org, "DOT Language"). */
export function dotText({ nodes, edges }: Graph): string {
  return [
    "digraph fleet {",
    "  rankdir=LR",
    ...nodes.map(
      ({ id, kind, lines }) =>
        `  ${quoted(id)} [shape=${dotShape(kind)}, label=${quoted(lines.join("\n"))}]`,
    ),
    ...edges.map(
      ({ from, to, label, spare }) =>
        `  ${quoted(from)} -> ${quoted(to)} [label=${quoted(label)}${spare ? ", style=dashed" : ""}]`,
    ),
    "}",
  ].join("\n")
}

function dotShape(kind: GraphNode["kind"]): string {
  switch (kind) {
    case "director":
      return "oval"
    case "cluster":
      return "hexagon"
    case "service":
    case "real-server":
      return "box"
    case "sorry-server":
      return "parallelogram"
    default:
      return kind satisfies never
  }
}

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`
}
