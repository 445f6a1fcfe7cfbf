import { must } from "./exec.ts"
import type { LabIdentity } from "./identity.ts"
import type { ResolvedNode } from "./spec.ts"
import { lanAddresses } from "./spec.ts"

/** Two machines that can't hear each other, though all others hear both. */
export type Cut = readonly [ResolvedNode, ResolvedNode | "controller"]

/** Makes the switch drop exactly the frames of these cuts, in one transaction; none heals everything. */
export async function applyCuts(lab: LabIdentity, cuts: readonly Cut[]): Promise<void> {
  const rules = cuts.map(rulesOf)
  const ruleset = `
    table bridge lab
    delete table bridge lab
    table bridge lab {
      chain forward { type filter hook forward priority 0; ${rules.flatMap((rule) => rule.forward).join("; ")}; }
      chain input { type filter hook input priority 0; ${rules.flatMap((rule) => rule.input).join("; ")}; }
      chain output { type filter hook output priority 0; ${rules.flatMap((rule) => rule.output).join("; ")}; }
    }`
  await must(["ip", "netns", "exec", lab.lan, "nft", "-f", "-"], { input: ruleset })
}

interface Rules {
  readonly forward: readonly string[]
  readonly input: readonly string[]
  readonly output: readonly string[]
}

function rulesOf([one, other]: Cut): Rules {
  if (other !== "controller") {
    const forward = [
      `iifname "${one.tap}" oifname "${other.tap}" drop`,
      `iifname "${other.tap}" oifname "${one.tap}" drop`,
    ]
    return { forward, input: [], output: [] }
  }
  // By address, since the router is the same machine and has to go on passing the client's packets.
  const { controller, controller6 } = lanAddresses
  return {
    forward: [],
    input: [
      `iifname "${one.tap}" ip daddr ${controller} drop`,
      `iifname "${one.tap}" ip6 daddr ${controller6} drop`,
    ],
    output: [
      `oifname "${one.tap}" ip saddr ${controller} drop`,
      `oifname "${one.tap}" ip6 saddr ${controller6} drop`,
    ],
  }
}
