import { describe, expect, it } from "vitest"
import { quotedSuggestion, suggestion } from "../../src/core/suggestion.ts"

describe("a suggestion", () => {
  it("is the known word that was nearly typed", () => {
    expect(suggestion("wbe", ["db", "web"], "known: db, web")).toBe("did you mean web?")
    expect(quotedSuggestion("wbe", ["db", "web"], "known: db, web")).toBe('did you mean "web"?')
  })

  it("is what else to do where no word is near", () => {
    expect(suggestion("mail", ["db", "web"], "known: db, web")).toBe("known: db, web")
    expect(quotedSuggestion("mail", ["db", "web"], "known: db, web")).toBe("known: db, web")
  })
})
