/** Whether a text is the absolute path of a program in letters that mean nothing to a shell where they stand in an argument. */
export function isProgramPath(text: string): boolean {
  return /^\/[\w./@:+=,%-]+$/.test(text)
}
