/**
 * Whether a variable is a setting that lbctl uses by itself and names in messages: an address, a user, a port. In an
 * encrypted file it is no secret; Ansible's passwords and keys are.
 */
export function isSetting(name: string): boolean {
  if (name.startsWith("lbctl_")) return true
  return name.startsWith("ansible_") && !/pass|private_key$|secret|token/.test(name)
}
