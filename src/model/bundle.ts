/** A file as a host must hold it. */
export interface FileResource {
  readonly path: string
  /** Octal, four digits: `0644`. */
  readonly mode: string
  /** `root:root`. */
  readonly owner: string
  readonly content: string
  /** Its content holds a secret: nothing prints it. */
  readonly secret?: true
  /** Checks the staged file before anything live is touched; `%s` is its path. */
  readonly validate?: readonly string[]
  /** Names of handlers to run once when this file changes. */
  readonly notify: readonly string[]
}

/** A unit of the init system. */
export interface UnitResource {
  readonly name: string
  readonly enabled: boolean
  readonly running: boolean
}

/** What a role runs after its files changed. */
export interface Handler {
  readonly name: string
  /** Left out when this activation starts the unit, which then has just read its files. */
  readonly unit?: string
  readonly run: readonly string[]
  /** Undoes the first run when there was nothing before: `lbagent release`. */
  readonly withdraw?: readonly string[]
  /** Must succeed within this time after the handler ran (converge). */
  readonly await?: { readonly run: readonly string[]; readonly timeoutSeconds: number }
}

/** Everything one host must hold, named by the SHA-256 of its content. */
export interface Bundle {
  readonly host: string
  readonly id: string
  readonly roles: readonly string[]
  /** In the order of application. */
  readonly modules: readonly string[]
  /** A key with a slash is a path below /proc/sys as it stands; in one without, dots stand for slashes (sysctl.d(5)). */
  readonly sysctls: readonly { readonly key: string; readonly value: string }[]
  readonly linksUp: readonly string[]
  readonly addresses: readonly {
    readonly address: string
    readonly prefix: number
    readonly device: string
  }[]
  readonly files: readonly FileResource[]
  readonly units: readonly UnitResource[]
  /** In the order they run. */
  readonly handlers: readonly Handler[]
  /** Commands that must exist on the host, with the cure. */
  readonly requires: readonly { readonly command: string; readonly hint: string }[]
  /** The agent release the host runs, when it is a director. */
  readonly agent?: string
}
