import { canonicalAddress, compareAddresses, family } from "../core/address.ts"
import type { Problem } from "../core/problem.ts"
import type { Host } from "../model/fleet.ts"
import type { InventoryHost } from "../schema/documents.ts"
import type { SshSurroundings } from "../schema/ssh-config.ts"
import { connectionOf } from "./connection.ts"
import { givenSystem } from "./system.ts"
import { unmanagedPlace } from "./unmanaged.ts"

/** A host, and what is wrong with it should it play a part. */
export interface CompiledHost {
  readonly host: Host
  /** For hosts that lbctl connects to. */
  readonly connectionProblems: readonly Problem[]
  /** For hosts that direct or serve. */
  readonly partProblems: readonly Problem[]
}

/** An inventory host as the fleet knows it. */
export function compileHost(source: InventoryHost, around: SshSurroundings): CompiledHost {
  const { connection, inventoryAddress, problems } = connectionOf(source, around)
  const { addresses, problems: addressProblems } = dataAddresses(source, inventoryAddress)
  const { system, problems: systemProblems } = givenSystem(source)
  const { unmanaged, problems: managedProblems } = unmanagedPlace(source)
  const { name, at, groups, vars } = source
  return {
    host: {
      name,
      at,
      connection,
      addresses,
      groups,
      ...(unmanaged === undefined ? {} : { unmanaged }),
      system,
      vars,
    },
    connectionProblems: [...managedProblems, ...problems],
    partProblems: [...addressProblems, ...systemProblems],
  }
}

interface Addresses {
  readonly addresses: readonly string[]
  readonly problems: readonly Problem[]
}

function dataAddresses(source: InventoryHost, inventoryAddress: string): Addresses {
  if (Object.hasOwn(source.vars, "lbctl_address")) return declaredAddresses(source)
  const found = [inventoryAddress, source.name].find((text) => family(text) !== undefined)
  if (found !== undefined) return { addresses: [canonicalAddress(found)], problems: [] }
  const problem = {
    rule: "host-address",
    message: `${source.name} has no data address`,
    at: source.at,
    hint: `"${inventoryAddress}" is a name: set lbctl_address to the address where ${source.name} takes traffic`,
  }
  return { addresses: [], problems: [problem] }
}

function declaredAddresses(source: InventoryHost): Addresses {
  const texts = [source.vars["lbctl_address"]].flat().map(textOf)
  const bad = texts.find((text) => family(text) === undefined)
  const families = texts.map(family)
  if (bad === undefined && texts.length > 0 && new Set(families).size === families.length)
    return { addresses: texts.map(canonicalAddress).sort(compareAddresses), problems: [] }
  const what =
    bad === undefined
      ? "has not one address a family"
      : `names ${JSON.stringify(bad)}, which is no IP address`
  const problem = {
    rule: "host-address",
    message: `lbctl_address of ${source.name} ${what}`,
    at: source.varAt["lbctl_address"] ?? source.at,
    hint: 'write one IPv4 or IPv6 address, or a list of one each: [192.0.2.21, "2001:db8::21"]',
  }
  return { addresses: [], problems: [problem] }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value)
}
