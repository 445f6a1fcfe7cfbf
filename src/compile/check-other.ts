import type {
  DnsAsking,
  ExternalAsking,
  RadiusAsking,
  SmtpAsking,
  TcpAsking,
  UdpAsking,
} from "../model/check.ts"
import type {
  DnsCheck,
  ExternalCheck,
  RadiusCheck,
  SmtpCheck,
  TcpCheck,
  UdpCheck,
} from "../schema/services.gen.ts"
import { compileTls } from "./check-tls.ts"
import { checkDefaults } from "./defaults.ts"
import { given } from "./given.ts"

/** What a tcp check says. */
export function compileTcp({ send, receive, tls }: TcpCheck): TcpAsking {
  return given({ send, receive, tls: tls && compileTls(tls) })
}

/** What a udp check asks. */
export function compileUdp(source: UdpCheck): UdpAsking {
  const { payload, reply, require_reply: required = checkDefaults.requireReply } = source
  return { requireReply: required || reply !== undefined, ...given({ payload, reply }) }
}

/** What a dns check asks. */
export function compileDns(source: DnsCheck): DnsAsking {
  return {
    name: source.name ?? checkDefaults.name,
    recordType: source.record ?? checkDefaults.record,
    rcode: source.rcode ?? checkDefaults.rcode,
    transport: source.transport ?? checkDefaults.transport,
    ...given({ answer: source.answer === undefined ? undefined : [source.answer].flat() }),
  }
}

/** What an smtp check says. */
export function compileSmtp({ helo_name: heloName, greeting, tls }: SmtpCheck): SmtpAsking {
  return given({ heloName, greeting, tls: tls && compileTls(tls) })
}

/** What a radius check asks. */
export function compileRadius(source: RadiusCheck): RadiusAsking {
  const { user, password_file: passwordFile, secret_file: secretFile } = source
  return { user, passwordFile, secretFile, answer: source.answer ?? checkDefaults.loginAnswer }
}

/** What an external check runs. */
export function compileExternal(source: ExternalCheck): ExternalAsking {
  const { command, user, weight_by_exit_code: byExitCode } = source
  return {
    command,
    user: user ?? checkDefaults.user,
    ...(byExitCode === true ? { weightByExitCode: true } : {}),
  }
}
