import { expect } from "vitest"
import type { Lab } from "./lib/lab.ts"
import type { Step, Steps } from "./steps.ts"
import type { StartedApply } from "./two-states.ts"

/** A fault, and what is true of the apply it comes over; docs/faults.md says why not in the other steps. */
export interface Fault {
  readonly name: string
  readonly steps: readonly Step[]
  /** It is there before a way back begins, and lasts. */
  readonly lasts?: true
  /** A way back has to wait for the next controller. */
  readonly waits?: true
  /** How the apply may end; undefined: it was killed. */
  readonly codes: readonly (number | undefined)[]
  /** Does the harm while the node is held in the step; then lets the node go, and waits for the apply to end. */
  readonly harm: (context: Context) => Promise<void>
}

interface Context {
  readonly run: StartedApply
  readonly steps: Steps
  readonly lab: Lab
}

/** Failed, unreachable, failed and reverted, part-way. */
const unwell = [1, 4, 7, 8]

/** What the lab goes through. */
export const faults: readonly Fault[] = [
  {
    name: "the controller is killed",
    steps: ["stage", "activate", "converge", "confirm", "revert", "settle"],
    codes: [undefined],
    async harm({ run, steps }) {
      run.kill("SIGKILL")
      await run.ended
      await steps.release()
    },
  },
  {
    name: "the connection is cut",
    steps: ["stage", "revert", "settle"],
    codes: unwell,
    async harm({ run, steps, lab }) {
      await lab.cut("rs1", "controller")
      await run.ended
      await lab.heal()
      await steps.release()
    },
  },
  {
    name: "the node loses power",
    steps: ["stage", "revert", "settle"],
    codes: unwell,
    async harm({ run, steps }) {
      await steps.node.powerLoss()
      await steps.node.boot()
      await run.ended
    },
  },
  {
    name: "the node hangs",
    steps: ["stage", "confirm", "revert"],
    codes: unwell,
    async harm({ run, steps }) {
      steps.node.hang()
      await run.ended
      steps.node.thaw()
      await steps.release()
    },
  },
  {
    name: "the disk is full",
    steps: ["activate", "confirm", "revert"],
    lasts: true,
    codes: [0, ...unwell],
    async harm({ run, steps }) {
      await steps.node.must("cat /dev/zero >/var/lib/faults-fill 2>/dev/null; true")
      await steps.release()
      await run.ended
      await steps.node.must("rm /var/lib/faults-fill")
    },
  },
  {
    name: "/etc is read-only",
    steps: ["stage", "activate", "revert"],
    lasts: true,
    waits: true,
    codes: [0, ...unwell],
    async harm({ run, steps }) {
      await steps.node.must("mount --bind /etc /etc && mount -o remount,ro,bind /etc")
      await steps.release()
      await run.ended
      await steps.node.must("umount /etc")
    },
  },
  {
    name: "the clock jumps",
    steps: ["stage", "confirm", "revert"],
    lasts: true,
    codes: [0, 7],
    async harm({ run, steps }) {
      await steps.node.must('date -s "+1 day" >/dev/null')
      await steps.release()
      await run.ended
      await steps.node.must('date -s "-1 day" >/dev/null')
    },
  },
  {
    name: "a second controller comes",
    steps: ["confirm", "revert", "settle"],
    codes: [0, 7],
    async harm({ run, steps }) {
      const second = await steps.second()
      expect(second).toMatchObject({ code: 6 })
      await steps.release()
      await run.ended
    },
  },
]
