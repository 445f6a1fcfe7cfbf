import type { LabNode } from "./node.ts"

/** What a small web server of a real server answers. */
export interface HttpService {
  /** On every address of the node, IPv4 and IPv6, a VIP on the loopback too. */
  readonly port: number
  /** Instead of the node's name and the peer's address. */
  readonly body?: string
}

/**
 * Starts a web server that answers every path with 200, `X-Node: NAME` and `NAME PEER`. It comes back after a
 * power loss, like any enabled unit. Needs systemd: nodes of other systems have one on port 80 from their boot on.
 */
export async function serveHttp(node: LabNode, { port, body }: HttpService): Promise<void> {
  const file = `/etc/lab/http/${port}.body`
  await node.must(
    `mkdir -p /etc/lab/http /etc/systemd/system/multi-user.target.wants
${body === undefined ? `rm -f ${file}` : `cat > ${file}`}
ln -sf ../lab-http@.service /etc/systemd/system/multi-user.target.wants/${unit(port)}
sync
systemctl restart ${unit(port)}
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  curl -sf -o /dev/null http://127.0.0.1:${port}/ && exit 0
  sleep 0.2
done
systemctl status ${unit(port)} >&2
exit 1`,
    { input: body ?? "" },
  )
}

/** `sick`: /healthz answers 500, all else is well. `stopped`: nothing listens. */
export type HttpTrouble = "sick" | "stopped"

/** Makes a web server of `serveHttp` fail. */
export async function breakHttp(node: LabNode, port: number, trouble: HttpTrouble): Promise<void> {
  await node.must(trouble === "sick" ? `touch ${flag(port)}` : `systemctl stop ${unit(port)}`)
}

/** Makes it well again. */
export async function healHttp(node: LabNode, port: number): Promise<void> {
  await node.must(`rm -f ${flag(port)}; systemctl start ${unit(port)}`)
}

function unit(port: number): string {
  return `lab-http@${port}.service`
}

/** Gone with the power, as it lies in /run. */
function flag(port: number): string {
  return `/run/lab-http-${port}.broken`
}
