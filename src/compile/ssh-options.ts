import { shellWords } from "./shell-words.ts"

/** An option of ssh: its keyword in lower case, its value, and how it was written. */
export interface SshOption {
  readonly keyword: string
  readonly value: string
  readonly written: string
}

/** Letters of ssh that take an argument, with the keyword that means the same where there is one (ssh(1)). */
const lettersWithValue: Readonly<Record<string, string | undefined>> = {
  i: "identityfile",
  J: "proxyjump",
  l: "user",
  p: "port",
  B: "bindinterface",
  b: "bindaddress",
  c: "ciphers",
  D: undefined,
  E: undefined,
  e: undefined,
  F: undefined,
  I: "pkcs11provider",
  L: undefined,
  m: "macs",
  O: undefined,
  P: undefined,
  Q: undefined,
  R: undefined,
  S: undefined,
  W: undefined,
  w: undefined,
}

/**
 * Options and other words of an ssh command line, such as `-o ProxyJump=bastion -i key`; undefined when a quote stays
 * open or an option lacks its argument. `-o` takes `Key=Value` or `Key Value`; other letters keep their own name as
 * keyword (`-F`). Source: ssh(1), ssh_config(5).
 */
export function parseSshOptions(
  text: string,
): { readonly options: readonly SshOption[]; readonly words: readonly string[] } | undefined {
  const pending = shellWords(text)?.reverse()
  if (pending === undefined) return undefined
  const options: SshOption[] = []
  const words: string[] = []
  for (let word = pending.pop(); word !== undefined; word = pending.pop()) {
    if (!/^-[A-Za-z0-9]/.test(word)) {
      words.push(word)
      continue
    }
    const letter = word.charAt(1)
    if (letter !== "o" && !Object.hasOwn(lettersWithValue, letter)) {
      // Letters without an argument may stand together, as in -qC.
      options.push({ keyword: `-${letter}`, value: "", written: `-${letter}` })
      if (word.length > 2) pending.push(`-${word.slice(2)}`)
      continue
    }
    const value = word.length > 2 ? word.slice(2) : pending.pop()
    if (value === undefined) return undefined
    options.push(letter === "o" ? keywordOption(value) : letterOption(letter, value))
  }
  return { options, words }
}

function keywordOption(text: string): SshOption {
  const match = /^\s*([^\s=]+)\s*(?:=|\s)\s*(.*)$/s.exec(text)
  const value = (match?.[2] ?? "").replace(/^"(.*)"$/s, "$1")
  return { keyword: (match?.[1] ?? text).toLowerCase(), value, written: `-o ${text}` }
}

function letterOption(letter: string, value: string): SshOption {
  const keyword = lettersWithValue[letter] ?? `-${letter}`
  return { keyword, value, written: `-${letter} ${value}` }
}
