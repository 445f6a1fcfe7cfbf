import { formatDuration } from "../core/duration.ts"
import { Failure } from "../core/failure.ts"
import { suggestion } from "../core/suggestion.ts"
import { parseShare, type Share } from "../core/share.ts"
import type { Fleet } from "../model/fleet.ts"
import { longestSoakMs, type RolloutChoice } from "../model/rollout.ts"
import type { RolloutPolicies } from "../plan/waves.ts"
import { durationOption } from "./duration-option.ts"
import type { ApplyFlags } from "./flags.ts"

/**
 * The flags on how to go over the hosts.
 * @throws Failure `input`, before any host is contacted.
 */
export function rolloutChoice({
  serial,
  maxFail,
  canary,
  soak,
  handover,
}: ApplyFlags): RolloutChoice {
  return {
    ...(handover === undefined ? {} : { handover }),
    ...(canary === undefined ? {} : { canary: hostNames(canary) }),
    ...(soak === undefined ? {} : { soakMs: soakTime(soak) }),
    ...(serial === undefined ? {} : { serial: serial.split(",").map(serialSize) }),
    ...(maxFail === undefined ? {} : { maxFail: failureLimit(maxFail) }),
  }
}

/**
 * How to go over the hosts of this fleet.
 * @throws Failure `input` for a canary of the command line that is no host.
 */
export function policiesOf(fleet: Fleet, choice: RolloutChoice): RolloutPolicies {
  const known = fleet.hosts.map(({ name }) => name)
  const unknown = choice.canary?.find((host) => !known.includes(host))
  if (unknown !== undefined) {
    throw new Failure("input", `--canary ${unknown}: the inventory has no such host`, {
      hint: suggestion(unknown, known, "lbctl show nodes lists the hosts"),
    })
  }
  return {
    clusters: new Map(fleet.clusters.map((cluster) => [cluster.name, cluster.rollout])),
    choice,
  }
}

function serialSize(text: string): Share {
  const share = parseShare(text.trim())
  if (share !== undefined && sizeOf(share) > 0) return share
  throw new Failure("input", `--serial ${text}: not a size of a batch`, {
    hint: "a number of hosts, a percentage, or several with commas: 1,25%,100%",
  })
}

function failureLimit(text: string): Share {
  const share = parseShare(text.trim())
  if (share !== undefined) return share
  throw new Failure("input", `--max-fail ${text}: not a limit of failures`, {
    hint: "hosts of the whole run (2), or a percentage of each batch (10%)",
  })
}

function hostNames(text: string): string[] {
  const names = text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "")
  if (names.length > 0) return names
  throw new Failure("input", "--canary names no host", {
    hint: "a real server or a backup director; several with commas between them",
  })
}

function soakTime(text: string): number {
  const milliseconds = durationOption("--soak", text, "30s, 5m")
  if (milliseconds <= longestSoakMs) return milliseconds
  throw new Failure("input", `--soak ${text} is out of range`, {
    hint: `at most ${formatDuration(longestSoakMs)}: the canary runs an unconfirmed release so long`,
  })
}

function sizeOf(share: Share): number {
  return "hosts" in share ? share.hosts : share.percent
}
