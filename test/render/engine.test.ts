import fc from "fast-check"
import Handlebars from "handlebars"
import { describe, expect, it } from "vitest"
import { formatProblem } from "../../src/core/problem.ts"
import { renderTemplate } from "../../src/render/engine.ts"

const view = {
  host: "lb1",
  port: 80,
  preempt: false,
  absent: null,
  vips: ["192.0.2.10", "2001:db8::10"],
  none: [],
  vrrp: [
    { instance: "tokyo", ms: 250, peers: ["a", "b"] },
    { instance: "osaka", ms: 1000, peers: [] },
  ],
  vars: { motd: 'it\'s <b> & "fine"', "with-dash": 1 },
}

function render(text: string): string {
  const result = renderTemplate({ file: "t.hbs", text }, view)
  return result.ok ? result.value.text : result.error.map(formatProblem).join("\n")
}

describe("a template", () => {
  it("escapes nothing", () => {
    expect(render("{{vars.motd}} {{{vars.motd}}}")).toBe(`${view.vars.motd} ${view.vars.motd}`)
  })

  it("prints false as a word and numbers side by side, where Handlebars prints nothing and adds them", () => {
    expect(render("{{preempt}} {{port}}{{port}}")).toBe("false 8080")
  })

  it("leaves no line behind for a block on a line of its own", () => {
    expect(render("{{#each vrrp}}\n  {{instance}}\n{{else}}\n  none\n{{/each}}\nend\n")).toBe(
      "  tokyo\n  osaka\nend\n",
    )
  })

  it("has helpers that spell values", () => {
    expect(render("{{#each vips}}{{cidr this}} {{/each}}")).toBe("192.0.2.10/32 2001:db8::10/128 ")
    expect(render('{{join vips}} {{join vips ", "}}')).toBe(
      "192.0.2.10 2001:db8::10 192.0.2.10, 2001:db8::10",
    )
    expect(render("{{#each vrrp}}{{seconds ms}} {{/each}}")).toBe("0.25 1 ")
    expect(render("{{json vrrp.[0]}}")).toBe('{"instance":"tokyo","ms":250,"peers":["a","b"]}')
    expect(render("{{sh vars.motd}}")).toBe(`'it'\\''s <b> & "fine"'`)
    expect(render('{{#if (eq port 80)}}web{{/if}}{{#if (has vars "x")}}x{{/if}}')).toBe("web")
  })

  it.each([
    [
      "a\n {{hosst}}",
      't.hbs:2:4: error: hosst: there is no "hosst" [template-name]\n    did you mean "host"?',
    ],
    ["{{vars.mtod}}", 't.hbs:1:3: error: vars.mtod: there is no "mtod" in vars [template-name]'],
    [
      "{{#each vrrp}}\n{{typo}}\n{{/each}}",
      't.hbs:2:3: error: typo: there is no "typo" [template-name]\n    names here: instance, ms, peers',
    ],
    ["{{#if typo.x}}{{/if}}", "t.hbs:1:7: error: typo.x: there is no"],
    ["{{#unless typo}}{{/unless}}", "t.hbs:1:11: error: typo: there is no"],
    ["{{#each typo}}{{/each}}", "t.hbs:1:9: error: typo: there is no"],
    ["{{#each vrrp}}{{host}}{{/each}}", "t.hbs:1:17: error: host: there is no"],
    ["{{#with typo}}{{/with}}", "t.hbs:1:9: error: typo: there is no"],
    ["{{join typo}}", "t.hbs:1:8: error: typo: there is no"],
    ['{{#if (eq typo "x")}}{{/if}}', "t.hbs:1:11: error: typo: there is no"],
    ["{{vips.[7]}}", 't.hbs:1:3: error: vips.7: there is no "7" in vips'],
    ["{{@root.typo}}", "t.hbs:1:3: error: @root.typo: there is no"],
    ["{{@index}}", "t.hbs:1:3: error: @index: there is no"],
    ["{{../host}}", "t.hbs:1:3: error: ../host leads out of the view"],
    ["{{toString}}", "t.hbs:1:3: error: toString: there is no"],
    ["{{vips.constructor}}", "t.hbs:1:3: error: vips.constructor: there is no"],
  ])("refuses a name that is not there, with its place: %s", (text, expected) => {
    expect(render(text)).toContain(expected)
  })

  it.each([
    ["{{absent}}", "absent has no value on this host"],
    ["{{absent.more}}", "absent.more has no value on this host"],
    ["{{vips}}", "vips is a list"],
    ["{{vars}}", "vars is a map"],
    ["{{#each host}}{{/each}}", "host is no list"],
    ["{{cidr host}}", "cidr takes one IP address"],
    ["{{seconds host}}", "seconds takes one number of milliseconds"],
    ["{{join host}}", "join takes a list"],
    ["{{json}}", 'there is no "json"'],
    ["{{sh vips}}", "sh takes one text or number"],
    ["{{eq port}}", "eq takes two values"],
  ])("refuses what can't be printed: %s", (text, expected) => {
    expect(render(text)).toContain(expected)
  })

  it.each([
    ["a\n{{#if host}}", "t.hbs:2:1: error: the template ends in the middle"],
    ["{{#if host}}\n{{/each}}", "if doesn't match each"],
    ["{{ 1 + 2 }}", "this is no template syntax"],
    ["{{> part}}", "t.hbs:1:1: error: templates have no partials"],
    ["{{#vrrp}}{{/vrrp}}", 'there is no block "#vrrp"'],
    [
      "{{secnds port}}",
      'there is no helper "secnds" [template-syntax]\n    did you mean "seconds"?',
    ],
    ["{{log host}}", 'there is no helper "log"'],
    ["{{join vips sep=1}}", "join takes no named values"],
    ["{{#each vips vips}}{{/each}}", "#each takes one value"],
    ["{{#each vips}}{{@idx}}{{/each}}", 'there is no "@idx"'],
    ["{{#if null}}{{/if}}", "null and undefined are no values"],
  ])("refuses what is no template: %s", (text, expected) => {
    expect(render(text)).toContain(expected)
  })

  it("tells every mistake, each once, however often its loop goes round", () => {
    const problems = render("{{a}}\n{{#each vrrp}}{{b}}{{/each}}\n{{c}}").split("\n")
    expect(problems.filter((line) => line.includes("error"))).toHaveLength(3)
  })

  it.each([
    { column: 11, line: 7, what: "the value it is" },
    { column: 1, line: 8, what: "the line of a block scalar it stands in" },
  ])("in a role document is placed by $what", ({ column, line }) => {
    const at = { file: "roles/x/role.yml", line: 7, column }
    const result = renderTemplate({ text: "a\n{{typo}}", at }, view)
    expect(result.ok ? [] : result.error).toMatchObject([{ at: { ...at, line } }])
  })
})

describe("a template that asks only for what is there", () => {
  const piece = fc.constantFrom(
    "text\n",
    " ",
    "{{host}}",
    "{{{vars.motd}}}\n",
    "port {{port}} ",
    "{{! a remark }}\n",
    "{{#if preempt}}\nyes\n{{else if vips}}\n{{vips.length}}\n{{else}}\nno\n{{/if}}\n",
    "{{#if none}}some{{^}}none{{/if}}",
    "{{#if absent}}some{{/if}}",
    "{{#unless preempt}}not{{/unless}}\n",
    "{{#each vips}}\n  {{@index}} {{this}} {{../host}} {{@root.port}}\n{{/each}}\n",
    "{{#each vips as |vip n|}}{{n}}={{vip}}{{#if @last}}.{{/if}}{{#if @first}},{{/if}}{{/each}}",
    "{{#each none}}x{{else}}nothing{{/each}}\n",
    "{{#each absent}}x{{else}}nothing{{/each}}\n",
    "{{#each vrrp}}{{#if peers}}{{#each peers}}{{../instance}}{{../../host}}{{this}} {{/each}}{{/if}}{{/each}}",
    "{{#each vars}}{{@key}}{{this}}{{/each}}",
    "{{#with vars}}{{motd}}{{[with-dash]}}{{../host}}{{/with}}",
    "{{~#if vips~}}  trimmed  {{~/if~}}\n",
    "\\{{raw}}",
    "{{#each vrrp as |one|}}{{#each one.peers as |peer|}}{{one.ms}}{{peer}}{{/each}}{{/each}}",
  )

  it("means what it means to Handlebars", () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join("")
        expect(render(text)).toBe(Handlebars.compile(text, { noEscape: true })(view))
      }),
      { numRuns: 300 },
    )
  })
})
