import type { IpvsKernel } from "../kernel/ipvs-kernel.ts"

/**
 * A kernel that is opened when it is first needed, and again after it failed: a missing module may be loaded later,
 * and a director goes on checking and answering meanwhile. Every call throws the Failure of its opening.
 */
export function lateKernel(open: () => IpvsKernel): IpvsKernel {
  let opened: IpvsKernel | undefined
  const use = <T>(work: (kernel: IpvsKernel) => T): T => {
    opened ??= open()
    try {
      return work(opened)
    } catch (thrown) {
      const broken = opened
      opened = undefined
      broken.close()
      throw thrown
    }
  }
  return {
    dump: () => use((kernel) => kernel.dump()),
    apply: (steps) => use((kernel) => kernel.apply(steps)),
    timeouts: () => use((kernel) => kernel.timeouts()),
    setTimeouts: (timeouts) => use((kernel) => kernel.setTimeouts(timeouts)),
    daemons: () => use((kernel) => kernel.daemons()),
    startDaemon: (daemon) => use((kernel) => kernel.startDaemon(daemon)),
    stopDaemon: (role) => use((kernel) => kernel.stopDaemon(role)),
    close: () => opened?.close(),
  }
}
