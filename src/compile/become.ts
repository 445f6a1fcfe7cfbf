import type { Connection } from "../model/fleet.ts"
import type { HostVariables } from "./host-variables.ts"
import { shellWords } from "./shell-words.ts"

type Become = NonNullable<Connection["become"]>

/** Names of Ansible's become plugins that lbctl has too. */
const methods: Readonly<Record<string, Become["method"]>> = {
  sudo: "sudo",
  "ansible.builtin.sudo": "sudo",
  doas: "doas",
  "community.general.doas": "doas",
}

/** How to become root, from Ansible's variables; undefined where nothing says that it is needed. */
export function becomeOf(variables: HostVariables): Become | undefined {
  if (!variables.flag("ansible_become", false)) return undefined
  const method = methodOf(variables)
  reportUser(variables, method)
  const password = variables.secret(
    "ansible_become_password",
    "ansible_become_pass",
    `ansible_${method}_pass`,
  )
  const executable = variables.text("ansible_become_exe", `ansible_${method}_exe`)?.value
  const flags = flagsOf(variables, method)
  return {
    method,
    user: "root",
    ...(password === undefined ? {} : { password }),
    ...(executable === undefined ? {} : { executable }),
    ...(flags === undefined ? {} : { flags }),
  }
}

function methodOf(variables: HostVariables): Become["method"] {
  const found = variables.text("ansible_become_method")
  if (found === undefined) return "sudo"
  const method = Object.hasOwn(methods, found.value) ? methods[found.value] : undefined
  if (method !== undefined) return method
  variables.report(found.name, {
    rule: "connection-unsupported",
    message: `ansible_become_method is ${found.value}: lbctl becomes root by sudo or doas only`,
    hint: "write sudo or doas, or log in as root",
  })
  return "sudo"
}

function reportUser(variables: HostVariables, method: Become["method"]): void {
  const user = variables.text("ansible_become_user", `ansible_${method}_user`)
  if (user === undefined || ["root", "0", "#0"].includes(user.value)) return
  variables.report(user.name, {
    rule: "connection-unsupported",
    message: `${user.name} is ${user.value}: lbctl needs root`,
    hint: "write root, or leave it out",
  })
}

function flagsOf(
  variables: HostVariables,
  method: Become["method"],
): readonly string[] | undefined {
  const found = variables.text("ansible_become_flags", `ansible_${method}_flags`)
  if (found === undefined) return undefined
  const words = shellWords(found.value)
  if (words !== undefined) return words
  variables.report(found.name, {
    rule: "connection-value",
    message: `${found.name} cannot be read: a quote stays open`,
    hint: `write the flags as for ${method}`,
  })
  return undefined
}
