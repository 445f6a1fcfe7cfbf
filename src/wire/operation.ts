import type { Problem } from "../core/problem.ts"
import { assertNever, err, ok, type Result } from "../core/result.ts"
import type { Operation } from "../model/plan.ts"
import { quote, unquote } from "./shell.ts"

/**
 * The file `operations` of a stage: one call a line, `op N KIND ARGUMENT...`, N counting from 1. The node script reads it
 * as shell, each time with another meaning of `op`. A `run` with a way back is preceded by `withdraw N ARGUMENT...`.
 */
export function operationsText(operations: readonly Operation[]): string {
  return operations.map((operation, index) => lines(operation, String(index + 1))).join("")
}

/** The way back from `operationsText`; a Problem names the first line that is none. */
export function parseOperations(text: string): Result<Operation[], Problem> {
  const commands = unquote(text)
  if (commands === undefined) return err(malformed("unbalanced quotes"))
  const operations: Operation[] = []
  let withdraw: string[] | undefined
  for (const [verb, number, ...words] of commands) {
    if (verb === "withdraw" && number === String(operations.length + 1)) {
      withdraw = words
      continue
    }
    const operation =
      verb === "op" && number === String(operations.length + 1)
        ? parseOperation(words, withdraw)
        : undefined
    if (operation === undefined) return err(malformed(quote([verb ?? "", number ?? "", ...words])))
    operations.push(operation)
    withdraw = undefined
  }
  return withdraw === undefined ? ok(operations) : err(malformed("withdraw without its run"))
}

function lines(operation: Operation, number: string): string {
  const withdraw =
    operation.op === "run" && operation.withdraw !== undefined
      ? `${quote(["withdraw", number, ...operation.withdraw])}\n`
      : ""
  return `${withdraw}${quote(["op", number, operation.op, ...operands(operation)])}\n`
}

function operands(operation: Operation): readonly string[] {
  switch (operation.op) {
    case "module":
    case "unit-enable":
    case "unit-disable":
    case "unit-start":
    case "unit-stop":
      return [operation.name]
    case "sysctl":
      return [operation.key, operation.value, operation.prior]
    case "sysctl-restore":
      return [operation.key, operation.prior]
    case "link-up":
    case "link-down":
      return [operation.device]
    case "address-add":
    case "address-remove":
      return [operation.cidr, operation.device]
    case "file":
      return [operation.path, operation.sha256, operation.mode, operation.owner, operation.prior]
    case "file-remove":
      return [operation.path, operation.prior]
    case "run":
      return [operation.name, ...operation.run]
    case "await":
      return [operation.name, String(operation.timeoutSeconds), ...operation.run]
    default:
      return assertNever(operation)
  }
}

function parseOperation(
  words: readonly string[],
  withdraw: readonly string[] | undefined,
): Operation | undefined {
  const [op = "", a = "", b = "", c = "", d = "", e = ""] = words
  const count = words.length - 1
  if (withdraw !== undefined && op !== "run") return undefined
  switch (op) {
    case "module":
    case "unit-enable":
    case "unit-disable":
    case "unit-start":
    case "unit-stop":
      return count === 1 ? { op, name: a } : undefined
    case "sysctl":
      return count === 3 ? { op, key: a, value: b, prior: c } : undefined
    case "sysctl-restore":
      return count === 2 ? { op, key: a, prior: b } : undefined
    case "link-up":
    case "link-down":
      return count === 1 ? { op, device: a } : undefined
    case "address-add":
    case "address-remove":
      return count === 2 ? { op, cidr: a, device: b } : undefined
    case "file":
      return count === 5 ? { op, path: a, sha256: b, mode: c, owner: d, prior: e } : undefined
    case "file-remove":
      return count === 2 ? { op, path: a, prior: b } : undefined
    case "run":
      return count >= 1
        ? { op, name: a, run: words.slice(2), ...(withdraw === undefined ? {} : { withdraw }) }
        : undefined
    case "await":
      return count >= 2 && /^\d+$/.test(b)
        ? { op, name: a, run: words.slice(3), timeoutSeconds: Number(b) }
        : undefined
    default:
      return undefined
  }
}

function malformed(line: string): Problem {
  return { rule: "wire-operation", message: `not an operation: ${line}` }
}
