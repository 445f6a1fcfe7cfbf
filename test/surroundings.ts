import type { SshSurroundings } from "../src/schema/ssh-config.ts"

/** A machine and user without any configuration of ssh, except what is given. */
export function surroundings(given: Partial<SshSurroundings> = {}): SshSurroundings {
  return {
    config: () => ({ files: [], problems: [] }),
    succeeds: () => undefined,
    environment: () => undefined,
    user: "op",
    uid: 1000,
    home: "/home/op",
    hostName: "controller.example",
    ...given,
  }
}
