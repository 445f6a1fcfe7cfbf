/** A scalar with one of lbctl's tags, before it is opened: `!vault` and `!env` (docs/secrets.md). */
export class Tagged {
  readonly tag: "vault" | "env"
  readonly text: string

  constructor(tag: "vault" | "env", text: string) {
    this.tag = tag
    this.text = text
  }
}

/** Each tag and what it is short for; Ansible knows its own by two names (its parsing/yaml/constructor.py). */
export const scalarTags = { "!vault": "vault", "!vault-encrypted": "vault", "!env": "env" } as const
