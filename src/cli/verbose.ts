let level = 0

/** From now on connections and steps are told on standard error; asked twice, the conversation with the nodes as well: `-v`, `-vv`. */
export function beVerbose(times: number): void {
  level = times
}

/** How often it was asked for; more than twice is as twice. */
export function verbosity(): 0 | 1 | 2 {
  return level === 0 ? 0 : level === 1 ? 1 : 2
}
