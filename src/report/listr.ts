import { Listr } from "listr2"

/** Tasks that others end, shown by a renderer of ours. */
export interface TaskList {
  /** Ends a task; ending it again, or one that is not there, does nothing. */
  finish(name: string): void
  /** Ends all that are left, and resolves when the last picture is drawn. */
  end(): Promise<void>
}

/** listr2's own renderer takes seconds of CPU for 50 tasks; ours draws ten times a second, whatever happens in between. */
const drawMs = 100

/**
 * Runs one listr2 task for each name.
 * @param draw called to draw the present state, and once more at the end.
 */
export function openTaskList(names: readonly string[], draw: (last: boolean) => void): TaskList {
  const ends = new Map<string, () => void>()
  // Made here and not by the tasks, which listr2 starts later than the first of them may end.
  const waits = names.map((title) => ({
    title,
    over: new Promise<void>((resolve) => ends.set(title, resolve)),
  }))
  class Renderer {
    static rendererOptions = {}
    static rendererTaskOptions = {}
    /** Whether there is a terminal is not for listr2 to judge: it looks at process.stdout only. */
    static nonTTY = true
    private timer: NodeJS.Timeout | undefined
    render = () => {
      this.timer = setInterval(() => draw(false), drawMs)
    }
    end = () => {
      clearInterval(this.timer)
      draw(true)
    }
  }
  const list = new Listr(
    waits.map(({ title, over }) => ({ title, task: () => over })),
    {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      renderer: Renderer,
      fallbackRenderer: "silent",
    },
  )
  const done = list.run()
  return {
    finish: (name) => ends.get(name)?.(),
    async end() {
      for (const end of ends.values()) end()
      await done
    },
  }
}
