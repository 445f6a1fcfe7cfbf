import type { Problem } from "../core/problem.ts"
import { err, ok, type Result } from "../core/result.ts"
import { suggestion } from "../core/suggestion.ts"
import { foldNames } from "./host-list.ts"

/** What `--tags` and `--skip-tags` say: names with commas between them. */
export interface Tags {
  readonly tags?: string
  readonly skipTags?: string
}

/** A host with the roles its bundle is made of. */
interface Member {
  readonly host: string
  readonly roles: readonly string[]
}

/** What tags leave to be brought to its new state. */
export interface Tagged {
  readonly hosts: ReadonlySet<string>
  /** Only these services; undefined: all of what the hosts hold. */
  readonly services?: ReadonlySet<string>
}

/**
 * The hosts all of whose roles are chosen, or the services: one of both, since a host is brought to its release whole, in which
 * services that are not chosen stand as they do now. Problems: tags.
 * @param members the hosts to choose from
 * @param fleet all hosts and services there are
 */
export function chooseByTags(
  choice: Tags,
  members: readonly Member[],
  fleet: { readonly members: readonly Member[]; readonly services: readonly string[] },
): Result<Tagged, Problem[]> {
  const known = [...new Set(fleet.members.flatMap(({ roles }) => roles))].sort()
  const named = [...namesIn("--tags", choice.tags), ...namesIn("--skip-tags", choice.skipTags)]
  const wrong = named.flatMap(({ option, name }) => faultOf(option, name, known, fleet.services))
  if (wrong.length > 0) return err(wrong)
  const services = named.filter(({ name }) => !known.includes(name))
  if (services.length > 0 && services.length < named.length) return err([both])
  if (services.length > 0) return chooseServices(services, members, fleet.services)
  const of = (option: string) =>
    named.filter((one) => one.option === option).map(({ name }) => name)
  const wanted = choice.tags === undefined ? known : of("--tags")
  const chosen = new Set(wanted.filter((role) => !of("--skip-tags").includes(role)))
  const mixed = members.filter(
    ({ roles }) =>
      roles.some((role) => chosen.has(role)) && !roles.every((role) => chosen.has(role)),
  )
  if (mixed.length > 0) return err([inPart(mixed)])
  const hosts = members.filter(
    ({ roles }) => roles.length > 0 && roles.every((role) => chosen.has(role)),
  )
  return hosts.length > 0 ? ok({ hosts: new Set(hosts.map(({ host }) => host)) }) : err([nobody])
}

function chooseServices(
  named: readonly { readonly option: string; readonly name: string }[],
  members: readonly Member[],
  all: readonly string[],
): Result<Tagged, Problem[]> {
  const of = (option: string) =>
    named.filter((one) => one.option === option).map(({ name }) => serviceOf(name))
  const wanted = named.some(({ option }) => option === "--tags") ? of("--tags") : all
  const services = new Set(wanted.filter((name) => !of("--skip-tags").includes(name)))
  return services.size > 0
    ? ok({ hosts: new Set(members.map(({ host }) => host)), services })
    : err([noService])
}

/** A service may be told from a role of the same name. */
function serviceOf(name: string): string {
  return name.replace(/^service:/, "")
}

function namesIn(option: string, text: string | undefined): { option: string; name: string }[] {
  return text === undefined ? [] : text.split(",").map((name) => ({ option, name: name.trim() }))
}

function faultOf(
  option: string,
  name: string,
  roles: readonly string[],
  services: readonly string[],
): Problem[] {
  if (roles.includes(name) || services.includes(serviceOf(name))) return []
  return [
    {
      rule: "tags",
      message: `${option} ${name === "" ? "is empty in part" : `${name}: there is no such role or service`}`,
      hint: suggestion(
        name,
        [...roles, ...services],
        `the roles are ${roles.join(", ")}; services are in services/*.yml`,
      ),
    },
  ]
}

function inPart(mixed: readonly Member[]): Problem {
  const roles = [...new Set(mixed.flatMap((member) => member.roles))].sort().join(", ")
  return {
    rule: "tags",
    message: `some roles of ${foldNames(mixed.map(({ host }) => host)).join(", ")} are chosen and some are not: a host is brought to its release whole`,
    hint: `choose all of ${roles}, or leave the hosts out with --limit`,
  }
}

const both: Problem = {
  rule: "tags",
  message: "roles and services are both named: a role is applied with all it has",
  hint: "name roles only, or services only",
}

const noService: Problem = {
  rule: "tags",
  message: "--tags and --skip-tags leave no service",
  hint: "every service that is chosen is skipped again",
}

const nobody: Problem = {
  rule: "tags",
  message: "--tags and --skip-tags leave no host",
  hint: "none of the hosts has the roles that are chosen; lbctl show nodes lists roles",
}
