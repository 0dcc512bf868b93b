import { assert, describe, it } from "@effect/vitest"
import { chooseTimezone } from "../../src/identity/Identity.ts"
import { legacyIds, runtimeName } from "../../src/identity/Names.ts"

describe("names of the daemon", () => {
  it.each([
    ["box", "id", ["box", "box.local"]],
    ["Box.local", "id", ["Box", "Box.local"]],
    ["box", "BOX", ["box.local"]],
    ["", "id", []],
    [".local", "id", []]
  ])("host %j with id %j had the ids %j", (host, id, ids) => {
    assert.deepStrictEqual(legacyIds(host, id), ids)
  })

  it("a runtime has the name of its provider and its machine", () => {
    assert.strictEqual(runtimeName("codex", "box"), "Codex (box)")
  })

  it.each([
    [["Europe/Berlin", "America/New_York"], "Europe/Berlin"],
    [[undefined, "", "Mars/Olympus", "Asia/Tokyo\n"], "Asia/Tokyo"],
    [["UTC", "Europe/Berlin"], "UTC"],
    [["CET-1CEST", ":/etc/localtime", "+02:00"], "UTC"],
    [[], "UTC"]
  ])("of the zones %j it takes %s", (candidates, zone) => {
    assert.strictEqual(chooseTimezone(candidates.map((zone) => () => zone)), zone)
  })
})
