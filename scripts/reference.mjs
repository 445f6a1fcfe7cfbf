// The reference page of every key, made from the schemas' descriptions: the same text that editors show.

/** The whole page as Markdown. */
export function reference(schemas) {
  const chapters = schemas.map(
    ({ name, schema }) => `## ${titles[name] ?? name}\n\n${schema.description}\n\n${rows(schema)}`,
  )
  return `# Every key\n\nMade from the schemas by \`npm run gen\`; \`schemas/\` has them for editors. A dot leads into a mapping, \`NAME\` is a name of\nyour own, \`[]\` an item of a list.\n\n${chapters.join("\n\n")}\n`
}

const titles = { clusters: "clusters.yml", services: "services/*.yml", role: "roles/NAME/role.yml" }

function rows(schema) {
  const lines = []
  walk(schema, schema, "", lines)
  return ["| key | values | meaning |", "| --- | --- | --- |", ...lines].join("\n")
}

function walk(node, root, path, lines) {
  const here = resolve(node, root)
  for (const [key, child] of Object.entries(here.properties ?? {})) {
    const required = (here.required ?? []).includes(key) ? " (required)" : ""
    const name = path === "" ? key : `${path}.${key}`
    const target = resolve(child, root)
    lines.push(
      `| \`${name}\`${required} | ${values(target, root)} | ${escape(child.description ?? target.description ?? "")} |`,
    )
    walk(child, root, name, lines)
  }
  if (typeof here.additionalProperties === "object")
    walk(here.additionalProperties, root, `${path}.NAME`, lines)
  if (here.items !== undefined) walk(here.items, root, `${path}[]`, lines)
  for (const branch of [
    ...(here.oneOf ?? []),
    ...(here.anyOf ?? []),
    ...[here.then, here.else].filter(Boolean),
  ]) {
    const alternative = resolve(branch, root)
    const kind = alternative.properties?.type?.enum?.[0]
    walk(alternative, root, kind === undefined ? path : `${path} (${kind})`, lines)
  }
}

function values(node, root) {
  if (node.enum !== undefined) return node.enum.map((value) => `\`${value}\``).join(" ")
  if (node.title === "Duration") return "duration"
  const types = [node.type ?? (node.oneOf || node.if ? "mapping" : "any")]
    .flat()
    .map((type) => words[type] ?? type)
  const range =
    node.minimum === undefined
      ? ""
      : ` ${node.minimum}${node.maximum === undefined ? " or more" : `-${node.maximum}`}`
  const items = node.items === undefined ? "" : ` of ${values(resolve(node.items, root), root)}`
  return `${types.join(" or ")}${range}${items}`
}

const words = { object: "mapping", array: "list", integer: "number", boolean: "`true` `false`" }

/** A schema behind its `$ref`, the words beside the reference winning. */
function resolve(node, root) {
  if (node.$ref === undefined) return node
  const { $ref, ...rest } = node
  const target = $ref
    .replace("#/", "")
    .split("/")
    .reduce((place, key) => place[key], root)
  return { ...resolve(target, root), ...rest }
}

function escape(text) {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ")
}
