import { Failure } from "../core/failure.ts"
import type { NodeReply } from "../wire/activation-reply.ts"

type Refused = Extract<NodeReply, { type: "refused" }>

/** Why a host does not take a stage, in an operator's words. */
export function refusalFailure(refused: Refused): Failure {
  const subject = refused.subject ?? "the release"
  const words = lastLines(refused.output)
  const fail = (message: string, hint: string) => new Failure("failed", message, { hint })
  switch (refused.reason) {
    case "check":
      return fail(
        `${subject} does not pass its check${words === "" ? "" : `:\n${words}`}`,
        "nothing was touched; mend the definition or the template that renders it",
      )
    case "disk":
      return fail(
        "there is no room on the disk for the release",
        "make room in /var/lib and /etc; nothing was touched",
      )
    case "tool":
      return fail(
        `the command ${subject} is missing`,
        "install it with the host's own packages; nothing was touched",
      )
    case "folder":
      return fail(
        `${subject} cannot be written: its folder is read-only, or it is a folder itself`,
        "is the file system mounted read-only? nothing was touched",
      )
    case "init":
      return fail(`${subject} needs systemd or OpenRC`, "nothing was touched")
    case "damaged":
    case "unpack":
      return fail(
        `the release arrived damaged${words === "" ? "" : `: ${words}`}`,
        "is the disk full or broken? nothing was touched",
      )
  }
}

/** Why an activation came to nothing; undefined while the replies do not end it. */
export function activationFailure(replies: readonly NodeReply[]): Failure | undefined {
  for (const reply of replies) {
    if (reply.type === "locked") return lockedFailure(reply)
    if (reply.type === "stale") {
      return new Failure(
        "stale",
        `${reply.subject} is no longer as it was when the plan was made`,
        {
          hint: "nothing was touched on this host; plan again",
        },
      )
    }
  }
  const failed = replies.find((reply) => reply.type === "failed")
  const stuck = replies.find((reply) => reply.type === "revert-failed")
  const cause = failed === undefined ? "" : operationWords(failed.operation, failed.output)
  if (stuck !== undefined) {
    return new Failure(
      "failed",
      `${cause}; and it could not be taken back entirely: ${lastLines(stuck.output)}`,
      {
        hint: "log in and look: the node is between two releases; its next boot or the next apply tries again",
      },
    )
  }
  if (failed === undefined) return undefined
  return replies.some((reply) => reply.type === "reverted")
    ? new Failure("reverted", cause, { hint: "the host is on its old release" })
    : undefined
}

/** Somebody else is at work on the host. */
export function lockedFailure(locked: Extract<NodeReply, { type: "locked" }>): Failure {
  const who =
    locked.by === "-" ? "another run" : `${locked.by} on ${locked.from} since ${locked.since}`
  return new Failure("locked", `locked by ${who}`, {
    hint: "wait for that run, or talk to them; nothing was touched on this host",
  })
}

/** `operation 3 failed: …`; 0 is the preparation. */
function operationWords(operation: number, output: string): string {
  const words = lastLines(output)
  const what = operation === 0 ? "the preparation" : `operation ${operation}`
  return `${what} failed${words === "" ? "" : `: ${words}`}`
}

function lastLines(output: string): string {
  return output.trim().split("\n").slice(-10).join("\n")
}
