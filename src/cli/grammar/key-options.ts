/** Options of every command that reads an inventory: what opens its secrets (docs/secrets.md). */
export const keyOptions = [
  {
    flags: "--vault-password-file <file>",
    about: "vault password, or script that prints it; ID@FILE for a vault id (repeatable)",
    repeatable: true,
  },
  { flags: "--ask-vault-pass", about: "ask for the vault password" },
  {
    flags: "--age-identity <file>",
    about: "opens files of age and SOPS (repeatable)",
    repeatable: true,
  },
] as const
