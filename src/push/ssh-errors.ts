import { Failure } from "../core/failure.ts"
import type { Identities } from "./identities.ts"
import type { HostKeyVerdict, KnownHost } from "./known-hosts.ts"
import { knownHostsName } from "./known-hosts.ts"
import type { SshTrouble } from "./ssh.ts"
import type { Target } from "./target.ts"
import { hopNames, keyName, targetName } from "./target.ts"

/** A host key as errors show it. */
export interface ShownKey {
  readonly type: string
  /** `SHA256:…` */
  readonly fingerprint: string
}

/** Why a key is not accepted, and the line of known_hosts that says so. */
export type Unaccepted =
  | { readonly verdict: "unknown" }
  | {
      readonly verdict: Exclude<HostKeyVerdict["verdict"], "known" | "unknown">
      readonly entry: Pick<KnownHost, "file" | "line">
    }

/** A host key that is not the known one, in an operator's words. */
export function hostKeyFailure(
  target: Target,
  key: ShownKey,
  judged: Unaccepted,
  file: string,
): Failure {
  const name = keyName(target)
  const shown = `${key.type} ${key.fingerprint}`
  switch (judged.verdict) {
    case "unknown":
      return new Failure("unreachable", `the host key of ${name} is not known: it shows ${shown}`, {
        hint: acceptHint(target, key.type, file),
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
        `${name} is known by a certificate authority only (${place(judged.entry)}), which the built-in client cannot ask`,
        { hint: "use the system's ssh: --transport ssh, or lbctl_transport: ssh for the host" },
      )
  }
}

/** A login that did not come about, in an operator's words. */
export function loginFailure(
  target: Target,
  trouble: SshTrouble,
  offered: Pick<Identities<unknown>, "keys" | "agent" | "locked">,
): Failure {
  const where = targetName(target)
  switch (trouble.kind) {
    case "refused":
      return new Failure(
        "unreachable",
        `${where} refused the login; offered: ${list(offered, triedPassword(target, trouble.takes))}`,
        { hint: refusedHint(target, trouble, offered.locked) },
      )
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

/** Only a host that is reached directly, under its own name, can be asked by ssh-keyscan. */
function acceptHint(target: Target, type: string, file: string): string {
  const port = target.port === 22 ? "" : `-p ${target.port} `
  const compare = "compare the fingerprint with the host's own (ssh-keygen -lf on its console)"
  if (target.proxyCommand !== undefined || target.hostKeyAlias !== undefined)
    return `${compare}, then accept it: --host-key-checking accept-new, for this host`
  if (target.via !== undefined) {
    const jump = hopNames(target).join(",")
    return `${compare}, then accept it: ssh -o UserKnownHostsFile=${file} -J ${jump} ${port}${target.user}@${target.address} true`
  }
  return `${compare}, then accept it: ssh-keyscan ${port}-t ${scanType(type)} ${target.address} >> ${file}`
}

/** ssh-keyscan -t takes families of types (ssh-keyscan(1)). */
function scanType(type: string): string {
  if (type.startsWith("ecdsa-")) return "ecdsa"
  return type === "ssh-ed25519" ? "ed25519" : "rsa"
}

function refusedHint(
  target: Target,
  { agent, takes }: SshTrouble & { kind: "refused" },
  locked: readonly string[],
): string {
  if (agent !== undefined) return `the ssh-agent did not help: ${agent}`
  const [path] = locked
  if (path !== undefined) {
    return `${path} is protected by a passphrase and no agent holds it: ssh-add ${path}`
  }
  if (triedPassword(target, takes))
    return "the password was tried once; give the right one by --ask-pass (-k) or ansible_password"
  const password = takesPassword(takes) ? ", or give the password by --ask-pass (-k)" : ""
  return `put the public key into ~/.ssh/authorized_keys of ${target.user} there, or set ansible_user or ansible_ssh_private_key_file${password}`
}

function triedPassword({ password }: Target, takes: readonly string[]): boolean {
  return password !== undefined && takesPassword(takes)
}

function takesPassword(takes: readonly string[]): boolean {
  return takes.includes("password") || takes.includes("keyboard-interactive")
}

function list(
  { keys, agent }: Pick<Identities<unknown>, "keys" | "agent">,
  password: boolean,
): string {
  const offers = [
    ...keys.map((key) => key.path),
    ...(agent === undefined ? [] : ["the keys of the ssh-agent"]),
    ...(password ? ["the password"] : []),
  ]
  return offers.length === 0 ? "no key" : offers.join(", ")
}

function place(entry: Pick<KnownHost, "file" | "line">): string {
  return `${entry.file}:${entry.line}`
}
