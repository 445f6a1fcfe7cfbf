/** Says what is wrong with a value at a path (`services[0].key`); nothing when it is right. */
export type Check = (value: unknown, path: string) => string[]

/** A text, of one form where one is given. */
export function text(form?: RegExp): Check {
  return (value, path) =>
    typeof value === "string" && (form === undefined || form.test(value))
      ? []
      : [`${path} must be ${form === undefined ? "a text" : `a text like ${String(form)}`}`]
}

/** A whole number within limits. */
export function whole(least: number, most: number): Check {
  return (value, path) =>
    typeof value === "number" && Number.isInteger(value) && value >= least && value <= most
      ? []
      : [`${path} must be a whole number from ${least} to ${most}`]
}

/** true or false. */
export const flag: Check = (value, path) =>
  typeof value === "boolean" ? [] : [`${path} must be true or false`]

/** One of some values. */
export function oneOf(...values: readonly (string | number)[]): Check {
  return (value, path) =>
    values.some((known) => known === value) ? [] : [`${path} must be one of ${values.join(", ")}`]
}

/** A text that passes a test. */
export function such(test: (value: string) => boolean, name: string): Check {
  return (value, path) =>
    typeof value === "string" && test(value) ? [] : [`${path} must be ${name}`]
}

/** A list of values. What is wrong, which is rare, is looked at twice: paths are only spelled for it. */
export function list(item: Check): Check {
  return (value, path) =>
    Array.isArray(value)
      ? value.flatMap((entry, index) =>
          item(entry, "").length === 0 ? [] : item(entry, `${path}[${index}]`),
        )
      : [`${path} must be a list`]
}

/** An object of values by names that nobody fixed. */
export function record(item: Check): Check {
  return (value, path) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([name, entry]) => item(entry, `${path}.${name}`))
      : [`${path} must be an object`]
}

/** The checks of every field of T; the compiler refuses a field left over or forgotten. */
export type Fields<T> = { readonly [Key in keyof T]-?: Check }

/** An object with exactly these fields; those named in `optional` may be absent. */
export function object<T>(fields: Fields<T>, optional: readonly (keyof T & string)[] = []): Check {
  const checks = new Map<string, Check>(Object.entries<Check>(fields))
  const required = [...checks.keys()].filter((name) => !optional.some((key) => key === name))
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return [`${path || "the file"} must be an object`]
    const given = Object.entries(value)
    const right =
      given.every(([name, field]) => checks.get(name)?.(field, "").length === 0) &&
      required.every((name) => Object.hasOwn(value, name))
    return right ? [] : wrongFields(new Map(given), checks, required, path)
  }
}

function wrongFields(
  given: ReadonlyMap<string, unknown>,
  checks: ReadonlyMap<string, Check>,
  required: readonly string[],
  path: string,
): string[] {
  const at = (name: string): string => (path === "" ? name : `${path}.${name}`)
  const unknown = [...given.keys()].filter((name) => !checks.has(name))
  return [
    ...unknown.map((name) => `${at(name)} is not known`),
    ...[...checks].flatMap(([name, check]) => {
      if (given.has(name)) return check(given.get(name), at(name))
      return required.includes(name) ? [`${at(name)} is missing`] : []
    }),
  ]
}

/** A value from its JSON; undefined when the text is none, or not of this shape. */
export function parseShape(check: Check, json: string): unknown {
  try {
    const value: unknown = JSON.parse(json)
    return check(value, "").length === 0 ? value : undefined
  } catch {
    return undefined
  }
}
