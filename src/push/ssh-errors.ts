import { Failure } from "../core/failure.ts"
import type { Identities } from "./identities.ts"
import type { HostKeyVerdict, KnownHost } from "./known-hosts.ts"
import { fingerprint, knownHostsName } from "./known-hosts.ts"
import type { SshTrouble } from "./ssh.ts"

/** Whom a connection was meant for, as errors name him. */
export interface Target {
  readonly user: string
  readonly address: string
  readonly port: number
  readonly jump: readonly string[]
}

/** A host key that is not the known one, in an operator's words. */
export function hostKeyFailure(
  target: Target,
  key: Uint8Array,
  type: string,
  judged: Exclude<HostKeyVerdict, { verdict: "known" }>,
  file: string,
): Failure {
  const name = knownHostsName(target.address, target.port)
  const shown = `${type} ${fingerprint(key)}`
  switch (judged.verdict) {
    case "unknown":
      return new Failure("unreachable", `the host key of ${name} is not known: it shows ${shown}`, {
        hint: acceptHint(target, type, file),
      })
    case "changed":
      return new Failure(
        "unreachable",
        `THE HOST KEY OF ${name} HAS CHANGED: it shows ${shown}, ${place(judged.entry)} holds another`,
        {
          hint: `someone may be listening in. If the change is known to be right: ssh-keygen -f ${judged.entry.file} -R '${name}', then accept the new key`,
        },
      )
    case "revoked":
      return new Failure(
        "unreachable",
        `the host key of ${name} is revoked by ${place(judged.entry)}: ${shown}`,
        { hint: "the host needs a new host key; never accept this one" },
      )
    case "authority":
      return new Failure(
        "unreachable",
        `${name} is known by a certificate authority only (${place(judged.entry)}), and host certificates are not supported`,
        { hint: acceptHint(target, type, file) },
      )
  }
}

/** A login that did not come about, in an operator's words. */
export function loginFailure(
  target: Target,
  trouble: SshTrouble,
  offered: Pick<Identities<unknown>, "keys" | "agent" | "locked">,
): Failure {
  const where = `${target.user}@${knownHostsName(target.address, target.port)}`
  switch (trouble.kind) {
    case "refused":
      return new Failure("unreachable", `${where} refused the login; offered: ${list(offered)}`, {
        hint: refusedHint(target, trouble.agent, offered.locked),
      })
    case "timeout":
      return new Failure("unreachable", `${where} accepted the connection and then said nothing`, {
        hint: "sshd may be overloaded or another service may be listening on that port",
      })
    case "closed":
      return new Failure("unreachable", `${where} closed the connection during the login`, {
        hint: "the host's sshd log has the reason (MaxStartups, AllowUsers, a firewall)",
      })
    case "other":
      return new Failure("unreachable", `no SSH login to ${where}: ${trouble.message}`)
  }
}

/** A TCP connection that did not come about, in an operator's words. */
export function networkFailure(target: Target, cause: Error & { code?: string }): Failure {
  const where = knownHostsName(target.address, target.port)
  const [message, hint] = networkWords(cause, where, target.address)
  return new Failure("unreachable", message, { hint, cause })
}

function networkWords(
  cause: Error & { code?: string },
  where: string,
  address: string,
): readonly [message: string, hint: string] {
  switch (cause.code ?? "") {
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return [
        `the name ${address} does not resolve`,
        "set ansible_host to an address, or see the resolver",
      ]
    case "ECONNREFUSED":
      return [`${where} refuses connections`, "is sshd running there, on that port (ansible_port)?"]
    case "ETIMEDOUT":
      return [`${where} does not answer`, "the host may be down, or a firewall drops the packets"]
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return [`there is no route to ${where}`, "see the network between here and the host"]
    default:
      return [
        `no connection to ${where}: ${cause.message}`,
        "see the network between here and the host",
      ]
  }
}

function acceptHint(target: Target, type: string, file: string): string {
  const port = target.port === 22 ? "" : `-p ${target.port} `
  if (target.jump.length > 0) {
    return `compare the fingerprint with the host's own (ssh-keygen -lf on its console), then accept it: ssh -o UserKnownHostsFile=${file} -J ${target.jump.join(",")} ${port}${target.user}@${target.address} true`
  }
  return `compare the fingerprint with the host's own (ssh-keygen -lf on its console), then accept it: ssh-keyscan ${port}-t ${scanType(type)} ${target.address} >> ${file}`
}

/** ssh-keyscan -t takes families of types (ssh-keyscan(1)). */
function scanType(type: string): string {
  if (type.startsWith("ecdsa-")) return "ecdsa"
  return type === "ssh-ed25519" ? "ed25519" : "rsa"
}

function refusedHint(target: Target, agent: string | undefined, locked: readonly string[]): string {
  if (agent !== undefined) return `the ssh-agent did not help: ${agent}`
  const [path] = locked
  if (path !== undefined) {
    return `${path} is protected by a passphrase and no agent holds it: ssh-add ${path}`
  }
  return `put the public key into ~/.ssh/authorized_keys of ${target.user} there, or set ansible_user or ansible_ssh_private_key_file`
}

function list({ keys, agent }: Pick<Identities<unknown>, "keys" | "agent">): string {
  const offers = [
    ...keys.map((key) => key.path),
    ...(agent === undefined ? [] : ["the keys of the ssh-agent"]),
  ]
  return offers.length === 0 ? "no key" : offers.join(", ")
}

function place(entry: KnownHost): string {
  return `${entry.file}:${entry.line}`
}
