/** One regular file of an archive. */
export interface TarEntry {
  /** Relative, of at most 100 bytes; folders on the way are made by the reader. */
  readonly path: string
  readonly content: string | Uint8Array
}

const block = 512

/**
 * An archive in the ustar format (POSIX.1-1988; POSIX pax, "ustar Interchange Format") that every tar reads.
 * Deterministic: owner 0, mode 0600, time 0. Paths are ours alone and short.
 */
export function tar(entries: readonly TarEntry[]): Uint8Array {
  const encoder = new TextEncoder()
  const files = entries.map(({ path, content }) => ({
    path,
    bytes: typeof content === "string" ? encoder.encode(content) : content,
  }))
  const size = files.reduce((sum, file) => sum + block + padded(file.bytes.length), 2 * block)
  const archive = new Uint8Array(size)
  let offset = 0
  for (const file of files) {
    archive.set(header(file.path, file.bytes.length), offset)
    archive.set(file.bytes, offset + block)
    offset += block + padded(file.bytes.length)
  }
  return archive
}

function padded(size: number): number {
  return Math.ceil(size / block) * block
}

/** Fields and their offsets: name 0, mode 100, uid 108, gid 116, size 124, mtime 136, chksum 148, typeflag 156, magic 257. */
function header(path: string, size: number): Uint8Array {
  const bytes = new Uint8Array(block)
  const put = (text: string, at: number) => bytes.set(new TextEncoder().encode(text), at)
  put(path, 0)
  put("0000600\0", 100)
  put("0000000\0", 108)
  put("0000000\0", 116)
  put(`${octal(size)}\0`, 124)
  put(`${octal(0)}\0`, 136)
  put("        ", 148)
  put("0", 156)
  put("ustar\x0000", 257)
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148)
  return bytes
}

function octal(value: number): string {
  return value.toString(8).padStart(11, "0")
}
