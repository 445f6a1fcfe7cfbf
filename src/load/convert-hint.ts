/** How to make an inventory that lbctl reads out of one that it does not. */
export function convertHint(path: string): string {
  return `lbctl reads YAML inventories (hosts.yml, hosts.yaml); convert once with: ansible-inventory -i ${path} --list --yaml --export --output hosts.yml`
}
