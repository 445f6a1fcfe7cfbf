/** How to make an inventory that lbctl reads out of one that it does not. */
export function convertHint(path: string): string {
  return `lbctl reads YAML, INI and scripts; convert once with: ansible-inventory -i ${path} --list --yaml --export --output hosts.yml`
}
