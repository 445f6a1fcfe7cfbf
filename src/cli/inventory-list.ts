import { compareText } from "../core/text.ts"
import type { LoadedInventory } from "../load/inventory.ts"
import type { Variables } from "../load/inventory-parts.ts"

/** Names that Ansible keeps for itself and leaves out of what it prints (its cli/inventory.py, INTERNAL_VARS). */
const internal = new Set([
  "ansible_config_file",
  "ansible_diff_mode",
  "ansible_facts",
  "ansible_forks",
  "ansible_inventory_sources",
  "ansible_limit",
  "ansible_playbook_python",
  "ansible_run_tags",
  "ansible_skip_tags",
  "ansible_verbosity",
  "ansible_version",
  "group_names",
  "groups",
  "inventory_dir",
  "inventory_file",
  "inventory_hostname",
  "inventory_hostname_short",
  "omit",
  "playbook_dir",
])

type Shown = Readonly<Record<string, unknown>>

/** What `ansible-inventory --list` prints: groups below `all`, and the variables of every host; only of `hosts`. */
export function inventoryList(
  { inventory, groups }: LoadedInventory,
  hosts: ReadonlySet<string>,
): Shown {
  const list: Record<string, Shown> = {}
  const visit = (name: string): void => {
    const group = groups.get(name)
    if (group === undefined || Object.hasOwn(list, name)) return
    const members = name === "all" ? [] : group.hosts.filter((host) => hosts.has(host))
    list[name] = {
      ...(group.children.length > 0 ? { children: group.children } : {}),
      ...(members.length > 0 ? { hosts: members } : {}),
    }
    group.children.forEach(visit)
  }
  visit("all")
  const chosen = inventory.hosts.filter((host) => hosts.has(host.name))
  const vars = chosen.map((host): [string, Shown] => [host.name, withoutInternal(host.vars)])
  const hostvars = Object.fromEntries(vars.filter(([, shown]) => Object.keys(shown).length > 0))
  const filled = Object.entries(list).filter(([, shown]) => Object.keys(shown).length > 0)
  return { _meta: { hostvars }, ...Object.fromEntries(filled) }
}

/** The variables that Ansible shows of a host or group. */
export function withoutInternal(vars: Shown): Shown {
  return Object.fromEntries(Object.entries(vars).filter(([name]) => !internal.has(name)))
}

/** Values by name, the last of each. */
export function valuesOf(layers: readonly { readonly vars: Variables }[]): Shown {
  const all = layers.flatMap(({ vars }) => [...vars])
  return withoutInternal(Object.fromEntries(all.map(([name, { value }]) => [name, value])))
}

/** JSON as ansible-inventory prints it: keys in order, four blanks deep, so that a diff of the two is empty. */
export function ansibleJson(value: unknown): string {
  return JSON.stringify(sorted(value), undefined, 4)
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== "object" || value === null || "toJSON" in value) return value
  const entries = Object.entries(value).sort(([a], [b]) => compareText(a, b))
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]))
}
