/** How a stream may be written to. */
export interface Display {
  readonly colours: boolean
  /** Lines may be drawn over: a terminal that can move its cursor. */
  readonly live: boolean
}

/**
 * NO_COLOR with any value but an empty one takes colour away (no-color.org), and wins; FORCE_COLOR, unless it says 0 or false,
 * gives it to pipes and logs too (force-color.org). TERM=dumb can neither colour nor move its cursor.
 */
export function displayOn(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): Display {
  const able = stream.isTTY === true && environment["TERM"] !== "dumb"
  const forced = !["", "0", "false"].includes(environment["FORCE_COLOR"] ?? "")
  const refused = (environment["NO_COLOR"] ?? "") !== ""
  return { colours: (able || forced) && !refused, live: able }
}
