/** Words for what a conversation can die of; other codes speak for themselves. */
const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EPIPE: "connection reset",
  EHOSTUNREACH: "no route to host",
  ENETUNREACH: "network unreachable",
  ETIMEDOUT: "timed out",
  EADDRNOTAVAIL: "source address not available",
}

/** An error of a socket in words an operator reads. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = "code" in error ? String(error.code) : ""
  // llhttp's codes: what came is not in the grammar of HTTP.
  if (code.startsWith("HPE_")) return "the answer is not HTTP"
  // OpenSSL's reason without the library, function and source line around it.
  if ("reason" in error && typeof error.reason === "string") return `TLS: ${error.reason}`
  return words[code] ?? error.message
}
