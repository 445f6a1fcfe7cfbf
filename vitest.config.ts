import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

/** 200 requests a second through five kernels, and gaps in tenths of a second, want both of a small machine's processors. */
const alone = ["takeover", "traffic", "outages"].map((name) => `test/lab/${name}.test.ts`)
/** Machines that boot, fail and race on a loaded host: what fails twice in a row is a defect. */
const patience = { retry: 1, testTimeout: 300_000, hookTimeout: 600_000 }

/** A short file of long tests: vitest begins with the longest files, and would wait for this one alone in the end. */
const longest = "test/lab/fault-table.test.ts"

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLongest = ({ moduleId }: TestSpecification) => moduleId.endsWith(longest)
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))]
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/lab/**"],
          isolate: false,
          pool: "threads",
          testTimeout: 20_000,
          // Real sshd and processes among three thousand tests: in CI one gets a second try, which vitest tells; at a desk none does.
          retry: process.env.CI === undefined ? 0 : 1,
        },
      },
      {
        test: {
          name: "lab",
          exclude: alone,
          include: [
            "test/lab/**/*.test.ts",
            // Skipped among the unit tests where a machine lacks sudo, doas, ssh, busybox or shellcheck, which the lab's set-up installs.
            "test/push/{become,certificates,logins,transport}.test.ts",
            "test/node/*.test.ts",
          ],
          pool: "forks",
          // Kernels that mostly wait: two files at once are done in a little over half the time.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          ...patience,
        },
      },
      {
        test: {
          name: "lab-alone",
          include: alone,
          pool: "forks",
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
          ...patience,
          // Tenths of a second, on a host whose processors others may use too.
          retry: 2,
        },
      },
    ],
  },
})
