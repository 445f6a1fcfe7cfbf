import { changesBelow } from "./observe-request.ts"

/** The line of lbctl-node.sh above which all its functions stand. */
const calledBelow = "# ==== What it was called for ===="

/**
 * The script as nodes get it: lbctl-node.sh, and behind each of its halves that of lbctl-node-freebsd.sh, whose functions take the
 * place of Linux's on a host that says it is FreeBSD. So one text serves hosts that nobody has looked at yet.
 */
export function joinNodeScript(script: string, freebsd: string): string {
  const [reading = "", changing = ""] = freebsd.split(`${changesBelow}\n`)
  return script
    .replace(`${changesBelow}\n`, () => `${reading}${changesBelow}\n`)
    .replace(`${calledBelow}\n`, () => `${changing}\n${calledBelow}\n`)
}
