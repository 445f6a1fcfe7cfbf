import { Failure } from "../core/failure.ts"
import type { Operation } from "../model/plan.ts"
import type { NodeReply } from "../wire/activation-reply.ts"
import { operationFailed } from "./operation-words.ts"

/** Where a file lies while it is checked: docs/node-protocol.md. */
const stagedFile = /\/var\/lib\/lbctl\/stage\/[a-z0-9-]+\/release\/files\/[0-9a-f]{64}/g

type Refused = Extract<NodeReply, { type: "refused" }>

/** In place of what a program said about a file with secrets. */
const hiddenWords = "(its words are hidden: they may quote a secret)"

/**
 * Why a host does not take a stage, in an operator's words; `stderr` is what the command wrote there. What a check says
 * about a file of `secrets` is not repeated.
 */
export function refusalFailure(
  refused: Refused,
  stderr = "",
  secrets: ReadonlySet<string> = new Set(),
): Failure {
  const subject = refused.subject ?? "the release"
  const words = secrets.has(subject)
    ? hiddenWords
    : lastLines(refused.output).replaceAll(stagedFile, subject)
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
      return fail(
        `${subject} needs systemd, OpenRC, sysvinit or BusyBox's init`,
        "nothing was touched",
      )
    case "damaged":
      return fail("the release arrived damaged", "is the disk full or broken? nothing was touched")
    case "unpack":
      return fail(
        `the release could not be written to /var/lib/lbctl: ${lastLines(stderr) || "no reason was given"}`,
        "make room, or mount it writable; nothing was touched",
      )
  }
}

/** Why an activation of these operations came to nothing; undefined while the replies do not end it. */
export function activationFailure(
  replies: readonly NodeReply[],
  operations: readonly Operation[] = [],
): Failure | undefined {
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
  const cause =
    failed === undefined ? "" : operationWords(operations[failed.operation - 1], failed.output)
  if (stuck !== undefined) {
    return new Failure(
      "failed",
      `${cause}; and it could not be taken back entirely: ${operations.some(isQuiet) ? hiddenWords : lastLines(stuck.output)}`,
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

function isQuiet(operation: Operation | undefined): boolean {
  return operation !== undefined && "quiet" in operation && operation.quiet === true
}

/** Before the first operation the host prepares the way back. */
function operationWords(operation: Operation | undefined, output: string): string {
  const words = isQuiet(operation) ? hiddenWords : lastLines(output)
  const what = operation === undefined ? "the preparation failed" : operationFailed(operation)
  return `${what}${words === "" ? "" : `: ${words}`}`
}

function lastLines(output: string): string {
  return output.trim().split("\n").slice(-10).join("\n")
}
