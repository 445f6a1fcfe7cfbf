const headerLength = 12

/** A response to a question (bytes as they came), with records. */
export function answerTo(
  question: Uint8Array,
  records: readonly Uint8Array[],
  rcode = 0,
  more = 0,
): Buffer {
  const head = Buffer.from(question.subarray(0, headerLength))
  head.writeUInt16BE(0x8180 | more | rcode, 2)
  head.writeUInt16BE(records.length, 6)
  return Buffer.concat([head, question.subarray(headerLength), ...records])
}

/** A record of the name asked for, by a pointer to the question. */
export function record(_question: Uint8Array, type: number, data: readonly number[]): Buffer {
  return Buffer.from([0xc0, headerLength, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length, ...data])
}

/** A name without compression. */
export function wireName(name: string): number[] {
  return [...name.split(".").flatMap((label) => [label.length, ...Buffer.from(label)]), 0]
}
