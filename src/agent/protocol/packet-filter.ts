/** Codes of the classic packet filter (include/uapi/linux/bpf_common.h). */
const codes = { loadByte: 0x30, jumpIfEqual: 0x15, return: 0x06 } as const
const instructionLength = 8
const wholePacket = 0xffff

/** A byte of the frame, counted from 0, and the value it must have. */
export interface ByteTest {
  readonly at: number
  readonly is: number
}

/** A classic packet filter that passes frames in which every test holds: an array of struct sock_filter (include/uapi/linux/filter.h). */
export function packetFilter(tests: readonly ByteTest[]): Uint8Array {
  const program = new Uint8Array((tests.length * 2 + 2) * instructionLength)
  const view = new DataView(program.buffer)
  const reject = tests.length * 2 + 1
  const write = (index: number, code: number, ifFalse: number, operand: number) => {
    view.setUint16(index * instructionLength, code, true)
    view.setUint8(index * instructionLength + 3, ifFalse)
    view.setUint32(index * instructionLength + 4, operand, true)
  }
  tests.forEach(({ at, is }, index) => {
    write(index * 2, codes.loadByte, 0, at)
    write(index * 2 + 1, codes.jumpIfEqual, reject - (index * 2 + 2), is)
  })
  write(reject - 1, codes.return, 0, wholePacket)
  write(reject, codes.return, 0, 0)
  return program
}
