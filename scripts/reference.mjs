// The reference page of every key, made from the schemas' descriptions: the same text that editors and `lbctl docs` show.
import { join } from "node:path"
import { importSource } from "./import-source.mjs"

/** The whole page as Markdown. */
export async function reference(root, schemas) {
  const { documentTitles, keyEntries } = await importSource(join(root, "src/schema/reference.ts"))
  const chapters = schemas.map(({ name, schema }) => {
    const rows = keyEntries(schema).map(row)
    const table = ["| key | values | meaning |", "| --- | --- | --- |", ...rows].join("\n")
    return `## ${documentTitles[name] ?? name}\n\n${schema.description}\n\n${table}`
  })
  return `# Every key\n\nMade from the schemas by \`npm run gen\`; \`schemas/\` has them for editors, and \`lbctl docs KEY\` prints an entry. A dot leads into a\nmapping, \`NAME\` is a name of your own, \`[]\` an item of a list.\n\n${chapters.join("\n\n")}\n`
}

function row({ key, required, values, meaning }) {
  return `| \`${key}\`${required ? " (required)" : ""} | ${values} | ${escape(meaning)} |`
}

function escape(text) {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ")
}
