import { describe, expect, it } from "vitest"
import { list, object, parseShape, text, whole } from "../../src/core/shape.ts"

interface Pool {
  readonly name: string
  readonly ports: readonly number[]
  readonly note?: string
}
const pool = object<Pool>({ name: text(), ports: list(whole(1, 9)), note: text() }, ["note"])
const pools = object<{ readonly pools: readonly Pool[] }>({ pools: list(pool) })

describe("a shape", () => {
  it("finds nothing wrong with what fits, with and without what is optional", () => {
    const value = {
      pools: [
        { name: "a", ports: [] },
        { name: "b", ports: [1, 9], note: "" },
      ],
    }
    expect(pools(value, "")).toEqual([])
  })

  it("names every wrong place by its path, what is not known first", () => {
    const value = {
      pools: [{ name: "a", ports: [1] }, { name: 7, ports: [1, 10, "2"], tag: 1 }, { note: "x" }],
      also: 1,
    }
    expect(pools(value, "")).toEqual([
      "also is not known",
      "pools[1].tag is not known",
      "pools[1].name must be a text",
      "pools[1].ports[1] must be a whole number from 1 to 9",
      "pools[1].ports[2] must be a whole number from 1 to 9",
      "pools[2].name is missing",
      "pools[2].ports is missing",
    ])
  })

  it("takes nothing for an object that only inherits its fields", () => {
    expect(pool(Object.create({ name: "a", ports: [] }), "p")).toEqual([
      "p.name is missing",
      "p.ports is missing",
    ])
  })
})

describe("a value from JSON", () => {
  it("is there when text and shape are right, and nothing otherwise", () => {
    expect(parseShape(pool, '{"name":"a","ports":[1]}')).toEqual({ name: "a", ports: [1] })
    expect(parseShape(pool, '{"name":"a","ports":[10]}')).toBeUndefined()
    expect(parseShape(pool, '{"name":"a",')).toBeUndefined()
  })
})
