import { Failure } from "../../core/failure.ts"
import { suggestion } from "../../core/suggestion.ts"
import { originsOf } from "../../render/origin.ts"
import { ruleContext } from "../../validate/context.ts"
import { exitCodes } from "../exit.ts"
import type { Section } from "../explain/fact.ts"
import { sectionsText } from "../explain/fact.ts"
import { explainFile, type FileSubject } from "../explain/file.ts"
import { explainHost } from "../explain/host.ts"
import { explainService } from "../explain/service.ts"
import type { Inventories } from "../inventories.ts"
import type { KeyFlags } from "../keys.ts"
import { print, printJson } from "../output.ts"
import { readDefinition, type Definition } from "../pipeline.ts"
import { refuse } from "../problems.ts"

/** `lbctl explain SUBJECT`: why a host, a service, a file of a host or a line of it is as it is; no host is contacted. */
export async function explain(
  subject: string,
  inventory: Inventories,
  flags: KeyFlags & { readonly json?: true },
): Promise<number> {
  const definition = await readDefinition(inventory, flags)
  if (!definition.ok) return refuse(definition.error, "text")
  const sections = sectionsOf(subject, definition.value)
  if (flags.json === true) printJson(sections)
  else print(sectionsText(sections))
  return exitCodes.done
}

function sectionsOf(subject: string, definition: Definition): Section[] {
  const { fleet, documents } = definition
  const context = ruleContext(fleet, documents)
  const file = fileSubject(subject)
  if (file !== undefined) return explainFile(file, hostOrigins(file.host, definition), context)
  const service = fleet.services.find(({ name }) => name === subject)
  const host = fleet.hosts.find(({ name }) => name === subject)
  if (service === undefined && host === undefined) throw unknownSubject(subject, definition)
  return [
    ...(service === undefined ? [] : explainService(service, context)),
    ...(host === undefined
      ? []
      : explainHost({
          host,
          view: definition.views.find((view) => view.host === host.name),
          roles: definition.roles,
          origins: hostOrigins(host.name, definition),
          context,
        })),
  ]
}

/** HOST:/PATH and HOST:/PATH:LINE. */
function fileSubject(subject: string): FileSubject | undefined {
  const [, host, path, line] = /^([^:]+):(\/[^:]*)(?::([0-9]+))?$/.exec(subject) ?? []
  if (host === undefined || path === undefined) return undefined
  return { host, path, ...(line === undefined ? {} : { line: Number(line) }) }
}

/** Nothing for a host that lbctl manages nothing of. */
function hostOrigins(host: string, definition: Definition): ReturnType<typeof originsOf> {
  const { fleet, views, roles, templates } = definition
  if (!fleet.hosts.some(({ name }) => name === host)) throw unknownSubject(host, definition)
  const view = views.find((candidate) => candidate.host === host)
  return view === undefined ? [] : originsOf(view, roles, templates)
}

function unknownSubject(subject: string, { fleet }: Definition): Failure {
  const names = [...fleet.hosts, ...fleet.services].map(({ name }) => name)
  return new Failure("input", `there is no host and no service ${subject}`, {
    hint: suggestion(subject, names, "write a host, a service, HOST:/PATH or HOST:/PATH:LINE"),
  })
}
