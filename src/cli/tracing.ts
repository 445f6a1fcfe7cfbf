import type { Tracing } from "../push/trace.ts"
import { traceText } from "../report/trace-lines.ts"
import { complain } from "./output.ts"
import { pauseForQuestions } from "./sink.ts"
import { verbosity } from "./verbose.ts"

/**
 * What `-v` and `-vv` tell, on standard error; undefined without them. `user` logs in where the inventory names nobody. While
 * the operator is asked it waits: he may be typing.
 */
export function openTracing(user: string): Tracing | undefined {
  const level = verbosity()
  if (level === 0) return undefined
  let held: string[] | undefined
  pauseForQuestions({
    pause: () => void (held ??= []),
    resume() {
      held?.forEach(complain)
      held = undefined
    },
  })
  return {
    trace(host, event) {
      const text = traceText(host, event, level)
      if (text === undefined) return
      if (held === undefined) complain(text)
      else held.push(text)
    },
    clock: () => performance.now(),
    user,
  }
}
