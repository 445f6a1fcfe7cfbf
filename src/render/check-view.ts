import type { CheckRhythm, HealthCheck } from "../model/check.ts"

type KeysOf<T> = T extends unknown ? keyof T : never
type OfSomeTypes = Exclude<KeysOf<HealthCheck>, Exclude<keyof CheckRhythm, "port"> | "type">

/** What a check of some type may lack: a template may ask for it and gets nothing. */
const absent: Readonly<Record<OfSomeTypes, null>> = {
  port: null,
  method: null,
  path: null,
  host: null,
  status: null,
  body: null,
  regex: null,
  digest: null,
  urls: null,
  headers: null,
  payload: null,
  maxBodyBytes: null,
  sni: null,
  verify: null,
  certificateDays: null,
  send: null,
  receive: null,
  tls: null,
  reply: null,
  requireReply: null,
  name: null,
  recordType: null,
  answer: null,
  rcode: null,
  transport: null,
  heloName: null,
  greeting: null,
  user: null,
  passwordFile: null,
  secretFile: null,
  command: null,
  weightByExitCode: null,
}

/** A check in the form that templates see. */
export function checkView(check: HealthCheck | undefined): object | null {
  return check === undefined ? null : { ...absent, ...check }
}
