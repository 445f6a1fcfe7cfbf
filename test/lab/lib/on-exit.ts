const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const
const actions = new Set<() => void>()
let installed = false

/**
 * Has an action carried out when this process ends, other than by SIGKILL. It must be synchronous. Returns how to
 * call it off.
 */
export function onExit(action: () => void): () => void {
  actions.add(action)
  install()
  return () => actions.delete(action)
}

function install(): void {
  if (installed) return
  installed = true
  process.on("exit", runAll)
  // A test worker whose parent was killed: nobody is left to end it.
  process.on("disconnect", runAll)
  for (const signal of signals) {
    process.once(signal, () => {
      runAll()
      // This handler is gone after its one call, so without another the signal ends the process as it would have.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
    })
  }
}

function runAll(): void {
  for (const action of actions) {
    actions.delete(action)
    action()
  }
}
