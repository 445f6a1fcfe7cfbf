// The manual page lbctl(1), made from the command tree and docs/exit-codes.md, in the macros of man(7).

/** The whole page. `commands` is the tree of src/cli/grammar, `exitCodes` the text of docs/exit-codes.md. */
export function manual(commands, exitCodes, version) {
  return [
    '.\\" Made by `npm run gen` from src/cli/grammar and docs/exit-codes.md: edit those.',
    `.TH LBCTL 1 "" "lbctl ${version}" "User Commands"`,
    ".SH NAME",
    `lbctl \\- ${text("deploys Linux Virtual Server fleets: plan, apply, verify, revert")}`,
    ".SH SYNOPSIS",
    ...commands.flatMap(synopsis).slice(1), // a line break is between two
    ".SH DESCRIPTION",
    paragraphs(description),
    ".SH COMMANDS",
    ...commands.flatMap((node) =>
      node.commands === undefined
        ? command(node, node.name)
        : node.commands.flatMap((one) => command(one, `${node.name} ${one.name}`)),
    ),
    ".SH EXIT STATUS",
    ...exitRows(exitCodes).flatMap(([code, meaning, next]) =>
      tagged(code, next === "-" ? `${meaning}.` : `${meaning}. Next: ${next}.`),
    ),
    ".SH ENVIRONMENT",
    ...environment.flatMap(([name, about]) => tagged(name, about)),
    ".SH FILES",
    ...files.flatMap(([name, about]) => tagged(name, about)),
    ".SH SEE ALSO",
    ".BR ssh (1),",
    ".BR ansible\\-vault (1),",
    ".BR age (1),",
    ".BR keepalived.conf (5),",
    ".BR ipvsadm (8)",
    "",
  ].join("\n")
}

const description = [
  "lbctl takes a Linux Virtual Server fleet from an inventory and service definitions in YAML to the kernels of its directors and real servers over SSH, and proves that it got there. Nothing is changed before its plan was shown; a node that is not confirmed reverts by itself.",
  "INVENTORY is a folder such as inventories/prod, or its hosts.yml. It may be left out where LBCTL_INVENTORY names it or inventories/ holds just one.",
]

const environment = [
  ["LBCTL_INVENTORY", "the inventory where none is named"],
  ["LBCTL_AGE_IDENTITY", "file with age identities, as --age-identity"],
  ["LBCTL_DEBUG", "when set, an unexpected error is followed by where it arose"],
  ["ANSIBLE_VAULT_PASSWORD_FILE", "file with the vault password, or script that prints it"],
  ["ANSIBLE_VAULT_IDENTITY_LIST", "ID@FILE and ID@prompt, commas between them"],
  ["SOPS_AGE_KEY, SOPS_AGE_KEY_FILE", "age identities for SOPS, as text or in a file"],
  ["SSH_AUTH_SOCK", "the ssh agent's socket"],
  ["NO_COLOR", "when set, no colour on a terminal"],
]

const files = [
  ["inventories/NAME/hosts.yml", "the inventory; group_vars/ and host_vars/ beside it"],
  [
    "inventories/NAME/clusters.yml, inventories/NAME/services/*.yml",
    "clusters and virtual services",
  ],
  ["roles/NAME/role.yml, templates/", "roles and templates of your own, in place of lbctl's"],
  ["~/.ssh/known_hosts", "host keys; an unknown one is refused"],
  ["~/.config/sops/age/keys.txt", "age identities, where SOPS looks for them"],
  ["/var/lib/lbctl/, /etc/lbctl/", "on a node: releases and history, and the desired state"],
]

function synopsis(node) {
  const line = (words, one) => [
    ".br",
    `.B ${text(`lbctl ${words}`)}`,
    ...(one.options.length === 0 ? [] : ["[\\fIOPTION\\fR...]"]),
    ...one.arguments.map(({ name, required }) => {
      const word = `\\fI${text(name.toUpperCase())}\\fR`
      return required ? word : `[${word}]`
    }),
  ]
  if (node.commands === undefined) return line(node.name, node)
  return node.commands.flatMap((one) => line(`${node.name} ${one.name}`, one))
}

function command(one, path) {
  return [
    `.SS ${text(`lbctl ${path}`)}`,
    text(one.about),
    ...one.arguments.flatMap(({ name, about }) => tagged(name.toUpperCase(), about, "I")),
    ...one.options.flatMap(({ flags, about, fallback }) =>
      tagged(flags, fallback === undefined ? about : `${about} (default: ${fallback})`),
    ),
    ...(one.examples.length === 0 ? [] : [".PP", "Examples:"]),
    ...one.examples.flatMap(([line, meaning]) => tagged(line, meaning)),
  ]
}

function tagged(tag, about, font = "B") {
  return [".TP", `.${font} ${text(tag)}`, text(about)]
}

function paragraphs(list) {
  return list.map((one) => text(one)).join("\n.PP\n")
}

/** Rows of the table: code, meaning, next step; without Markdown's marks. */
function exitRows(markdown) {
  return [...markdown.matchAll(/^\| (\d+) \| (.*) \| (.*) \|$/gm)].map(([, ...cells]) =>
    cells.map((cell) => cell.replaceAll("`", "")),
  )
}

/** groff_char(7): what would be taken for an escape, a request or a typographer's dash. */
function text(words) {
  const escaped = words.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("'", "\\(aq")
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped
}
