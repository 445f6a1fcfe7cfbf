/** One error of a generated validator, in ajv's words (ajv.js.org/api.html#error-objects). */
export interface SchemaError {
  readonly keyword: string
  /** JSON Pointer to the offending value. */
  readonly instancePath: string
  readonly params: Readonly<Record<string, unknown>>
  /** The offending value. */
  readonly data?: unknown
  /** The schema object that holds the failing keyword. */
  readonly parentSchema: JsonSchema
  /** Set when the key itself is at fault. */
  readonly propertyName?: string
}

/** A generated validator: false leaves its findings in `errors`. */
export interface Validator {
  (value: unknown): boolean
  errors?: readonly SchemaError[] | null
}

/** The part of JSON Schema that messages are made from. */
export interface JsonSchema {
  readonly [keyword: string]: unknown
  readonly title?: string
  readonly description?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
}
