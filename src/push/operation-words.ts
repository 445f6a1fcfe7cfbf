import { formatDuration } from "../core/duration.ts"
import { assertNever } from "../core/result.ts"
import type { Operation } from "../model/plan.ts"
import { quote } from "../wire/shell.ts"

/** That an operation of the node script failed, in an operator's words. */
export function operationFailed(operation: Operation): string {
  switch (operation.op) {
    case "module":
      return `the module ${operation.name} could not be loaded`
    case "sysctl":
      return `the sysctl ${operation.key} could not be set to ${operation.value}`
    case "sysctl-restore":
      return `the sysctl ${operation.key} could not be put back`
    case "link-up":
      return `the interface ${operation.device} could not be set up`
    case "link-down":
      return `the interface ${operation.device} could not be set down`
    case "address-add":
      return `the address ${operation.cidr} could not be added to ${operation.device}`
    case "address-remove":
      return `the address ${operation.cidr} could not be removed from ${operation.device}`
    case "file":
      return `the file ${operation.path} could not be written`
    case "file-remove":
      return `the file ${operation.path} could not be removed`
    case "unit-enable":
    case "unit-disable":
    case "unit-start":
    case "unit-stop":
      return `the unit ${operation.name} could not be ${unitWords[operation.op]}`
    case "run":
      return `the handler ${operation.name} failed (${quote(operation.run)})`
    case "await":
      return `${operation.name} did not get ready within ${formatDuration(operation.timeoutSeconds * 1000)} (${quote(operation.run)})`
    default:
      return assertNever(operation)
  }
}

const unitWords = {
  "unit-enable": "enabled",
  "unit-disable": "disabled",
  "unit-start": "started",
  "unit-stop": "stopped",
} as const
