import type { Problem, SourceRef } from "../core/problem.ts"

/** A line of ssh_config, or an option of a command line that means the same. */
export interface SshConfigLine {
  /** In lower case. */
  readonly keyword: string
  readonly args: readonly string[]
  /** What follows the keyword, as it is written. */
  readonly rest: string
  readonly at: SourceRef
  /** How messages call it: `ProxyJump bastion`. */
  readonly written: string
  /** Of an Include: the files it names, in order. */
  readonly included?: readonly SshConfigFile[]
}

/** The lines of one file. */
export type SshConfigFile = readonly SshConfigLine[]

/** What ssh would read: the user's file before the system's, or the one file of `-F`. */
export interface SshConfig {
  readonly files: readonly SshConfigFile[]
  /** Files and lines that ssh would refuse. */
  readonly problems: readonly Problem[]
}

/** What ssh knows of the machine and the user it runs for. */
export interface SshSurroundings {
  /** The configuration that `-F FILE` names (`none`: no file); the user's and the system's without it. Each is read once. */
  readonly config: (file?: string) => SshConfig
  /** Whether a command of `Match exec` ends with exit code 0; undefined when it cannot be run or does not end. Each is run once. */
  readonly succeeds: (command: string) => boolean | undefined
  readonly environment: (name: string) => string | undefined
  readonly user: string
  readonly uid: number
  readonly home: string
  /** Of this machine. */
  readonly hostName: string
}
