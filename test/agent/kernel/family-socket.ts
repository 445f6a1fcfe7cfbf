import type { FamilyRequest, FamilySocket } from "../../../src/agent/kernel/netlink.ts"
import type { Acknowledgement } from "../../../src/agent/protocol/generic-netlink.ts"

/** Answers of a scripted family: a dump's datagrams, and the errno of a command. */
export interface Script {
  readonly dump?: (request: FamilyRequest, count: number) => readonly (readonly Uint8Array[])[]
  readonly errno?: (request: FamilyRequest) => number
}

/** A netlink family that answers by a script and remembers the batches it got. */
export function scriptedFamily(script: Script): FamilySocket & {
  readonly batches: (readonly FamilyRequest[])[]
} {
  const batches: (readonly FamilyRequest[])[] = []
  const asked = new Map<string, number>()
  return {
    batches,
    batch: (requests): readonly Acknowledgement[] => {
      batches.push(requests)
      return requests.map((request) => ({ errno: script.errno?.(request) ?? 0 }))
    },
    get: () => {
      throw new Error("not in the script")
    },
    dump: (request, take) => {
      const name = `${request.command} ${Buffer.from(request.attributes).toString("hex")}`
      const count = (asked.get(name) ?? 0) + 1
      asked.set(name, count)
      const datagrams = script.dump?.(request, count) ?? []
      for (const payload of datagrams.flat()) take(payload)
      return datagrams.length + 1
    },
    close: () => undefined,
  }
}
