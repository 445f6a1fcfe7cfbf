import { sha256 } from "../../core/digest.ts"
import { plural } from "../../core/text.ts"
import { keepalivedServices } from "../../model/desired.ts"
import type { ExaminedKeepalived } from "../../model/doctor.ts"
import type { HostInput } from "../host.ts"
import type { Check, Director, Symptom } from "./check.ts"
import { directorsIn, each } from "./check.ts"
import { configurationOf, keepalivedConf } from "./keepalived-conf.ts"

const unit = "keepalived.service"

/** What keepalived does on directors where it runs. */
export const keepalivedRunChecks: readonly Check[] = [
  {
    id: "V12",
    severity: "warning",
    looksAt: "keepalived's processes, its pid file, and when it last read keepalived.conf",
    why: "systemd sees only keepalived's parent: VRRP or checks may be dead below it, or follow a file of long ago",
    find: (ward) =>
      each(directorsIn(ward), (director) => {
        const { keepalived } = director.examined
        if (keepalived === undefined) return []
        return [
          ...missing(keepalived, director),
          ...stopped(keepalived, director),
          ...misnamed(keepalived, director),
          ...outdated(keepalived, director, ward.apply(director.host)),
        ]
      }),
  },
]

/** Whether a host's keepalived is to run, and so to be asked for. */
export function keepalivedToAsk({ bundle }: Pick<HostInput, "bundle">): boolean {
  return bundle.units.some(({ name, running }) => name === unit && running)
}

type Found = readonly Omit<Symptom, "host">[]

/** A reload starts what is missing (keepalived/core/main.c, propagate_signal). */
function missing({ children }: ExaminedKeepalived, { host, state }: Director): Found {
  const wanted = [
    ...(state.vrrp.some(({ driver }) => driver === undefined) ? ["VRRP"] : []),
    ...(keepalivedServices(state.services).length > 0 ? ["checks"] : []),
  ]
  const alive = (children ?? []).filter((child) => !/^[ZXx]/.test(child.state))
  if (children === undefined || alive.length >= wanted.length) return []
  return [
    {
      message: `keepalived is to have ${plural(wanted.length, "process", "processes")} below it (${wanted.join(" and ")}), and has ${alive.length}`,
      cure: `systemctl reload ${unit} on ${host}`,
    },
  ]
}

function stopped({ children = [] }: ExaminedKeepalived, { host }: Director): Found {
  return children
    .filter((child) => /^[Tt]/.test(child.state))
    .map(({ pid }) => ({
      message: `process ${pid} of keepalived is stopped by a signal`,
      cure: `kill -CONT ${pid} on ${host}`,
    }))
}

/** Who signals keepalived by its pid file, as the agent does, reaches somebody else, or nobody. */
function misnamed({ pidFile, mainPid }: ExaminedKeepalived, { host }: Director): Found {
  if (pidFile === undefined || pidFile.pid === mainPid) return []
  return [
    {
      message: `${pidFile.path} names process ${pidFile.pid}, and keepalived is ${mainPid}`,
      cure: `echo ${mainPid} >${pidFile.path} on ${host}`,
    },
  ]
}

/** An apply brings the definition's file and has it read, too. */
function outdated(
  { loadedAt, writtenAt }: ExaminedKeepalived,
  { host, input: { bundle, observed } }: Director,
  apply: string,
): Found {
  if (loadedAt === undefined || writtenAt === undefined || writtenAt <= loadedAt) return []
  const file = configurationOf(bundle)
  const isOurs =
    file !== undefined && observed.files[keepalivedConf]?.sha256 === sha256(file.content)
  return [
    {
      message: `keepalived.conf was written at ${writtenAt} UTC, and keepalived last read it at ${loadedAt}`,
      cure: isOurs ? `systemctl reload ${unit} on ${host}` : apply,
    },
  ]
}
