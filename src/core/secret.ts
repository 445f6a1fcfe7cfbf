const mask = "(secret)"

/** What a secret may be. */
export type SecretValue = string | number | boolean

/** A value that is never printed: whatever writes it out by mistake writes `(secret)`. Only `reveal` and `value` give it away. */
export class Secret {
  readonly #value: SecretValue

  constructor(value: SecretValue) {
    this.#value = value
  }

  /** The value as text, for the one place that needs it. */
  reveal(): string {
    return String(this.#value)
  }

  /** The value itself, of the type it was written as. */
  value(): SecretValue {
    return this.#value
  }

  toString(): string {
    return mask
  }

  toJSON(): string {
    return mask
  }

  /** What console.log and util.inspect show (Node's util.inspect.custom). */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return mask
  }
}

/** A value with every secret in it given away, and whether there was one. */
export interface Revealed {
  readonly value: unknown
  readonly secret: boolean
}

/** The value with all secrets in it given away; what holds none comes back as it is. */
export function revealed(value: unknown): Revealed {
  return holdsSecret(value) ? { value: opened(value), secret: true } : { value, secret: false }
}

/** Whether a value is a secret or holds one at any depth. */
export function holdsSecret(value: unknown): boolean {
  if (value instanceof Secret) return true
  return typeof value === "object" && value !== null && Object.values(value).some(holdsSecret)
}

function opened(value: unknown): unknown {
  if (value instanceof Secret) return value.value()
  if (Array.isArray(value)) return value.map(opened)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, opened(item)]))
}
