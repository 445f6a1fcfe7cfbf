/** Text that is no markup, neither of Markdown (CommonMark, 2.4) nor of HTML. */
export function markdownText(text: string): string {
  return htmlText(text).replaceAll(/[\\`*_[\]#|~]/g, "\\$&")
}

/** Text inside of an HTML element, on one line. */
export function htmlText(text: string): string {
  return text
    .replaceAll(/\s+/g, " ")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
}
