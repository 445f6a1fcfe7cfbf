import { describe, expect, it } from "vitest"
import { displayOn } from "../../src/report/display.ts"

describe("displayOn()", () => {
  const terminal = { isTTY: true }
  it.each([
    ["a terminal", terminal, {}, true, true],
    ["a pipe", {}, {}, false, false],
    ["NO_COLOR", terminal, { NO_COLOR: "0" }, false, true],
    ["an empty NO_COLOR", terminal, { NO_COLOR: "" }, true, true],
    ["FORCE_COLOR in a pipe", {}, { FORCE_COLOR: "1" }, true, false],
    ["FORCE_COLOR=0 in a pipe", {}, { FORCE_COLOR: "0" }, false, false],
    ["both", terminal, { NO_COLOR: "1", FORCE_COLOR: "1" }, false, true],
    ["TERM=dumb", terminal, { TERM: "dumb" }, false, false],
    ["TERM=dumb and FORCE_COLOR", terminal, { TERM: "dumb", FORCE_COLOR: "1" }, true, false],
  ])("%s", (_, stream, environment, colours, live) => {
    expect(displayOn(stream, environment)).toEqual({ colours, live })
  })
})
