import { shellWords } from "./shell-words.ts"
import { parseSshOptions } from "./ssh-options.ts"
import type { SshOption } from "./ssh-options.ts"

/** What ssh options say about a connection; of each only the first counts, as in ssh_config(5). */
export interface SshSettings {
  user?: string
  port?: string
  privateKeyFile?: string
  knownHostsFiles?: readonly string[]
  jump?: readonly string[]
}

/** Why an option has no effect; `fatal` when the connection would go elsewhere without it. */
export interface Refusal {
  readonly message: string
  readonly hint: string
  readonly fatal: boolean
}

/** Values for which nothing need be done: lbctl keeps one connection, logs in by key only, checks every host key, asks nothing, forwards nothing. */
const holdsAnyway: Readonly<Record<string, RegExp>> = {
  "-a": /^$/,
  "-q": /^$/,
  "-T": /^$/,
  "-t": /^$/,
  "-v": /^$/,
  "-x": /^$/,
  batchmode: /^yes$/i,
  controlmaster: /^/,
  controlpath: /^/,
  controlpersist: /^/,
  forwardagent: /^no$/i,
  forwardx11: /^no$/i,
  gssapiauthentication: /^no$/i,
  kbdinteractiveauthentication: /^no$/i,
  loglevel: /^/,
  passwordauthentication: /^no$/i,
  preferredauthentications: /^publickey\b/i,
  pubkeyauthentication: /^yes$/i,
  stricthostkeychecking: /^(?:yes|ask|true)$/i,
}

const hopForm =
  /^(?:ssh:\/\/)?(?:[^@\s-][^@\s]*@)?(?:\[[0-9a-zA-Z:.%]+\]|[^\s:@[\]-][^\s:@[\]]*)(?::\d{1,5})?$/

/** Takes an option into the settings; the refusal of one that cannot be honoured. */
export function applySshOption(settings: SshSettings, option: SshOption): Refusal | undefined {
  const { keyword, value } = option
  switch (keyword) {
    case "user":
      settings.user ??= value
      return undefined
    case "port":
      settings.port ??= value
      return undefined
    case "identityfile":
      return applyKeyFile(settings, option)
    case "userknownhostsfile":
      return applyKnownHosts(settings, option)
    case "proxyjump":
      return applyJump(settings, value.toLowerCase() === "none" ? [] : value.split(","), option)
    case "proxycommand":
      return applyJump(settings, hopsOfCommand(value), option)
    case "stricthostkeychecking":
      return holdsAnyway[keyword]?.test(value) === true ? undefined : alwaysChecked(option)
    case "hostname":
      return refuse(option, "put the address into ansible_host", true)
    default:
      return Object.hasOwn(holdsAnyway, keyword) && holdsAnyway[keyword]?.test(value) === true
        ? undefined
        : refuse(option, "leave it out; lbctl connects as if it were not there")
  }
}

/** The refusal of a wish not to check host keys. */
export function alwaysChecked({ written }: { readonly written: string }): Refusal {
  const message = `${written} has no effect: lbctl checks every host key`
  return { message, hint: "add the host's key to known_hosts; leave the option out", fatal: false }
}

function refuse({ written }: SshOption, hint: string, fatal = false): Refusal {
  return { message: `${written} cannot be honoured`, hint, fatal }
}

function applyKeyFile(settings: SshSettings, option: SshOption): Refusal | undefined {
  if (settings.privateKeyFile !== undefined && settings.privateKeyFile !== option.value)
    return refuse(option, `one key file is used: ${settings.privateKeyFile}; leave the other out`)
  if (option.value.includes("%")) return refuse(option, "write the path without % tokens")
  settings.privateKeyFile = option.value
  return undefined
}

function applyKnownHosts(settings: SshSettings, option: SshOption): Refusal | undefined {
  if (option.value.includes("%")) return refuse(option, "write the path without % tokens")
  settings.knownHostsFiles ??= shellWords(option.value) ?? [option.value]
  return undefined
}

function applyJump(
  settings: SshSettings,
  hops: readonly string[] | undefined,
  option: SshOption,
): Refusal | undefined {
  if (settings.jump !== undefined) return undefined
  if (hops === undefined || !hops.every((hop) => hopForm.test(hop)))
    return refuse(option, "write -J [user@]host[:port], several with commas between them", true)
  settings.jump = hops
  return undefined
}

/** The jump host of `ssh -W %h:%p [user@]bastion`, how jumps were written before ProxyJump; undefined for other commands. */
function hopsOfCommand(command: string): readonly string[] | undefined {
  if (command.toLowerCase() === "none") return []
  const parsed = parseSshOptions(command)
  if (parsed === undefined) return undefined
  const [program, bastion, ...more] = parsed.words
  if (program === undefined || !/(?:^|\/)ssh$/.test(program)) return undefined
  const settings: SshSettings = {}
  const others = parsed.options.filter(({ keyword }) => keyword !== "-W")
  const forwards = parsed.options.some(
    ({ keyword, value }) => keyword === "-W" && value === "%h:%p",
  )
  const refused = others.some((option) => applySshOption(settings, option) !== undefined)
  const { user, port, ...rest } = settings
  if (bastion === undefined || more.length > 0 || !forwards || refused) return undefined
  if (Object.keys(rest).length > 0) return undefined
  const named = user === undefined || bastion.includes("@") ? bastion : `${user}@${bastion}`
  return [port === undefined ? named : `${named}:${port}`]
}
