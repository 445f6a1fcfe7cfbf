/** What a plain scalar means to a reader: its value, or that it is mere text. */
type Reading = number | boolean | "text"

const trueWords = /^(?:yes|Yes|YES|on|On|ON|y|Y)$/
const falseWords = /^(?:no|No|NO|off|Off|OFF|n|N)$/
const leadingZero = /^[-+]?0[0-9_]+$/
const plainNumber = /^[-+]?(?:0|[1-9][0-9]*)$/
const numberCharacters = /^[-+.0-9][-+._:0-9a-fA-FxXo]*$/

/**
 * Why a plain scalar must be quoted: YAML 1.1, which Ansible's PyYAML reads, and YAML 1.2 give it
 * two meanings. Undefined when both agree. `text` is the scalar as written.
 *
 * Sources: yaml.org/type/{bool,int,float}.html for YAML 1.1, with PyYAML's lib/yaml/resolver.py
 * where it is narrower; YAML 1.2.2 section 10.3.2 (core schema). `y` and `n`, which PyYAML takes
 * as text against its specification, and every leading zero count as ambiguous too.
 */
export function ambiguity(
  text: string,
): { readonly message: string; readonly hint: string } | undefined {
  const old = readAsYaml11(text)
  const now = readAsYaml12(text)
  if (old === now && !leadingZero.test(text)) return undefined
  const instead = [old, now].map(String).filter(isPlain)
  const choices = [...new Set(instead)].map((value) => `write ${value}`)
  const reader = /^[yYnN]$/.test(text) ? "" : ", which Ansible reads,"
  return {
    message: `${text} is ${describe(old)} in YAML 1.1${reader} and ${describe(now)} in YAML 1.2`,
    hint: [`quote it to mean the text: "${text}"`, ...choices].join("; or "),
  }
}

/** Whether both versions read it as the same number or boolean. */
function isPlain(text: string): boolean {
  const reading = readAsYaml12(text)
  return (
    text === "true" || text === "false" || (reading !== "text" && reading === readAsYaml11(text))
  )
}

function describe(reading: Reading): string {
  return reading === "text" ? "text" : String(reading)
}

function readAsYaml11(text: string): Reading {
  if (trueWords.test(text)) return true
  if (falseWords.test(text)) return false
  if (!numberCharacters.test(text) || plainNumber.test(text)) return readAsYaml12(text)
  const sign = text.startsWith("-") ? -1 : 1
  const digits = text.replace(/^[-+]/, "").replaceAll("_", "")
  if (/^[-+]?0b_*[01][01_]*$/.test(text)) return sign * Number.parseInt(digits.slice(2), 2)
  if (/^[-+]?0[0-7_]+$/.test(text)) return sign * Number.parseInt(digits, 8)
  if (/^[-+]?0x_*[0-9a-fA-F][0-9a-fA-F_]*$/.test(text))
    return sign * Number.parseInt(digits.slice(2), 16)
  if (/^[-+]?[1-9][0-9_]*$/.test(text)) return sign * Number.parseInt(digits, 10)
  if (isSexagesimal(text)) return sign * fromSexagesimal(digits)
  if (isFloat11(text)) return sign * Number.parseFloat(digits)
  return "text"
}

function isSexagesimal(text: string): boolean {
  return (
    /^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+$/.test(text) ||
    /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*$/.test(text)
  )
}

function fromSexagesimal(digits: string): number {
  return digits.split(":").reduce((total, part) => total * 60 + Number(part), 0)
}

function isFloat11(text: string): boolean {
  return (
    /^[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?$/.test(text) ||
    /^\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?$/.test(text)
  )
}

function readAsYaml12(text: string): Reading {
  if (!numberCharacters.test(text)) return "text"
  if (/^0o[0-7]+$/.test(text)) return Number.parseInt(text.slice(2), 8)
  if (/^0x[0-9a-fA-F]+$/.test(text)) return Number.parseInt(text.slice(2), 16)
  if (/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(text))
    return Number.parseFloat(text)
  return "text"
}
