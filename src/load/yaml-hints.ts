/** What js-yaml's reasons mostly mean, the first that fits (its parser/parser.mjs has the reasons). */
const hints: readonly (readonly [reason: RegExp, hint: string])[] = [
  [/tab characters/, "indent with blanks"],
  [
    /deficient indentation|flow collection|expected the node content/,
    "is a [ or { of this line or one above closed?",
  ],
  [/quoted scalar/, "is a quote of this line or one above closed?"],
  [
    /bad indentation|end of the stream or a document|multiline key|':' after a mapping key/,
    "keys of one mapping begin in the same column, `KEY: VALUE`; quote a text that holds `: ` or begins with a sign",
  ],
  [/non-printable|null byte/, "the file holds bytes that are no text: write it anew"],
  [/maxDepth/, "nothing that lbctl reads is nested so deep"],
  [/escape sequence|hexadecimal/, "write the text in single quotes, where \\ is a letter"],
]

/** The next step after a syntax error of YAML; undefined when there is no telling. */
export function syntaxHint(reason: string): string | undefined {
  return hints.find(([pattern]) => pattern.test(reason))?.[1]
}
