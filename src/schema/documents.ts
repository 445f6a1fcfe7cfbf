import type { Problem, SourceRef } from "../core/problem.ts"
import type { SshSurroundings } from "./ssh-config.ts"

/** A path into a document: keys and list indexes from the root. */
export type DocumentPath = readonly (string | number)[]

/** A parsed file: its plain value, and where each part of it stands. */
export interface Document {
  /** As the user would name it: relative to the current folder. */
  readonly file: string
  readonly value: unknown
  /** Place of the value at `path`; of its nearest existing parent when there is none. */
  readonly locate: (path: DocumentPath) => SourceRef
  /** Place of the key itself. */
  readonly locateKey: (path: DocumentPath) => SourceRef
}

/** One host as Ansible would resolve it. */
export interface InventoryHost {
  readonly name: string
  /** Where the inventory first names it. */
  readonly at: SourceRef
  /** All groups it is in, `all` included, parents before children. */
  readonly groups: readonly string[]
  /** Variables after Ansible's precedence. */
  readonly vars: Readonly<Record<string, unknown>>
  /** Where the winning value of each variable stands. */
  readonly varAt: Readonly<Record<string, SourceRef>>
}

/** Hosts, groups and variables as Ansible would resolve them. */
export interface Inventory {
  readonly hosts: readonly InventoryHost[]
  /** Hosts of each group, children's hosts included, in inventory order. */
  readonly groups: Readonly<Record<string, readonly string[]>>
}

/** A template as a file on disk holds it. */
export interface TemplateSource {
  readonly file: string
  readonly text: string
}

/** Everything that load reads. */
export interface Documents {
  /** The user's folder, absolute: it holds his roles/ and templates/. */
  readonly root: string
  /** Holds clusters.yml, as the user would name it. */
  readonly folder: string
  readonly inventory: Inventory
  readonly clusters: Document
  readonly services: readonly Document[]
  readonly roles: readonly Document[]
  /** By name below templates/, the user's folder before lbctl's. */
  readonly templates: Readonly<Record<string, TemplateSource>>
  /** What ssh would know when it connects. */
  readonly ssh: SshSurroundings
  /** What reading found odd without its being wrong. */
  readonly warnings?: readonly Problem[]
}
