import { assert, describe, it } from "@effect/vitest"
import { isFiltered, readSearch, writeSearch } from "../src/fleet/FleetSearch.ts"

describe("the address of the fleet page", () => {
  it("A-12 has every filter, and nothing that is the default", () => {
    const address = "?status=trouble%2Cbusy&provider=codex&owner=me&label=gpu&machine=box&q=a+b&sort=seen&group=none"
    const search = readSearch(address)
    assert.deepStrictEqual(search, {
      status: ["trouble", "busy"],
      provider: ["codex"],
      owner: ["me"],
      label: ["gpu"],
      machine: ["box"],
      q: "a b",
      sort: "seen",
      group: "none"
    })
    assert.strictEqual(`?${new URLSearchParams(writeSearch(search))}`, address)
    assert.deepStrictEqual(writeSearch(readSearch("")), {})
    assert.isFalse(isFiltered(readSearch("?sort=name&group=none")))
    assert.isTrue(isFiltered(readSearch("?q=x")))
  })

  it("A-12 of another version is read as far as it is known", () => {
    assert.deepStrictEqual(
      writeSearch(readSearch("?status=asleep,online&sort=age&group=rack&color=red")),
      { status: "online" }
    )
  })
})
