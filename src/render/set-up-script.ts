import type { Problem } from "../core/problem.ts"
import { err, ok, type Result } from "../core/result.ts"
import type { HostView, RealServerView } from "../model/desired.ts"
import type { ScriptSystem } from "../model/system.ts"
import type { Role } from "../model/role.ts"
import { renderBundle } from "./bundle.ts"
import { renderTemplate } from "./engine.ts"
import type { Templates } from "./role.ts"
import { templateView } from "./view.ts"

const path = "/usr/local/sbin/lvs-real"
const windowsTemplate = "realserver/lvs-real.cmd.hbs"

/** Why a script alone does not set such a host up; undefined: it does. */
export function unscriptable(
  { tunnels, gueSockets = [] }: RealServerView,
  system: ScriptSystem,
): string | undefined {
  if (system !== "linux" && tunnels.length > 0)
    return `gets packets by tunnel (${tunnels.join(", ")}), which a script for ${system} does not set up`
  if (gueSockets.length > 0)
    return "gets packets by gue, whose UDP sockets are services of their own, which no script sets up"
  return undefined
}

/**
 * The script that sets a real server up and undoes it, by hand and without lbctl: on Linux and FreeBSD the lvs-real that the role
 * writes where lbctl logs in, for Windows a batch file, whose lines end in CR LF. Problems: those of roles and templates.
 * @param view of a host of that system; it holds VIPs.
 */
export function setUpScript(
  view: HostView,
  system: ScriptSystem,
  roles: readonly Role[],
  templates: Templates,
): Result<string, Problem[]> {
  if (system === "windows") return batchFile(view, templates)
  const own = roles.filter(({ name }) => name === "realserver")
  const bundle = renderBundle(view, own, templates)
  if (!bundle.ok) return bundle
  const script = bundle.value.files.find((file) => file.path === path)
  return script === undefined
    ? err([absent(`the role realserver has no ${path}`)])
    : ok(script.content)
}

function batchFile(view: HostView, templates: Templates): Result<string, Problem[]> {
  const template = templates[windowsTemplate]
  if (template === undefined) return err([absent(`there is no template ${windowsTemplate}`)])
  const filled = renderTemplate(template, templateView(view))
  return filled.ok ? ok(filled.value.text.replace(/\r?\n/g, "\r\n")) : filled
}

function absent(message: string): Problem {
  const hint = "lbctl has both: what stands in your roles/ and templates/ takes their place"
  return { rule: "role-template", message, hint }
}
