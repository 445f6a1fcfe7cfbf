import type { Operation } from "../model/plan.ts"

type Run = Extract<Operation, { readonly op: "run" }>

/** What reads its files only when it is told to, by where these lie. */
const readers: readonly { readonly below: string; readonly reload: Run }[] = [
  {
    below: "/etc/systemd/system/",
    reload: { op: "run", name: "daemon-reload", run: ["systemctl", "daemon-reload"] },
  },
  {
    // networkctl(1) fails where systemd-networkd does not run: then there is nobody to tell.
    below: "/etc/systemd/network/",
    reload: {
      op: "run",
      name: "networkd-reload",
      run: ["sh", "-c", "! systemctl is-active --quiet systemd-networkd || networkctl reload"],
    },
  },
]

/** The same operations, and after the last file of a reader's, come or gone, that it is told: before the first unit is touched. */
export function withReloads(operations: readonly Operation[]): readonly Operation[] {
  return readers.reduce(withReload, operations)
}

function withReload(
  operations: readonly Operation[],
  { below, reload }: (typeof readers)[number],
): readonly Operation[] {
  const last = operations.findLastIndex(
    (operation) =>
      (operation.op === "file" || operation.op === "file-remove") &&
      operation.path.startsWith(below),
  )
  return last < 0 ? operations : operations.toSpliced(last + 1, 0, reload)
}
