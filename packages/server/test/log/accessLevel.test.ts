import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { accessLevel } from "../../src/log/accessLevel.ts"

const Status = (least: number, max: number) =>
  Schema.Int.check(Schema.isGreaterThanOrEqualTo(least), Schema.isLessThanOrEqualTo(max))
const Phrase = Schema.Literals(["runtime not found", "task not found", "RUNTIME NOT FOUND", "Task Not Found"])
const Before = Schema.Natural.check(Schema.isLessThanOrEqualTo(400))

describe("L-01 the level of a request's line", () => {
  it.prop(
    "5xx: error, with any body",
    [Status(500, 599), Phrase],
    ([status, phrase]) => accessLevel(status, phrase) === "Error"
  )

  it.prop(
    "below 400: info, with any body",
    [Status(100, 399), Schema.String],
    ([status, body]) => accessLevel(status, body) === "Info"
  )

  it.prop(
    "4xx but 404: warn, also with a phrase",
    [Status(400, 498), Phrase],
    ([status, phrase]) => accessLevel(status, phrase) === (status === 404 ? "Info" : "Warn")
  )

  it.prop(
    "404: info if a phrase ends within the first 256 bytes, else warn",
    [Before, Phrase],
    ([before, phrase]) =>
      accessLevel(404, " ".repeat(before) + phrase) === (before + phrase.length <= 256 ? "Info" : "Warn")
  )

  it.prop(
    "404 with anything else: warn",
    [Schema.String],
    ([body]) => accessLevel(404, body) === (/runtime not found|task not found/i.test(body) ? "Info" : "Warn")
  )

  it.each([[256, "Info"], [257, "Warn"]] as const)("a phrase that ends at byte %i: %s", (end, level) => {
    const phrase = "runtime not found"
    assert.strictEqual(accessLevel(404, "x".repeat(end - phrase.length) + phrase), level)
  })

  it("a caller who disconnects before the response is no warning", () => {
    assert.strictEqual(accessLevel(499, ""), "Info")
  })

  it("a refusal of access is a warning", () => {
    assert.strictEqual(accessLevel(404, "{\"error\":\"not found\"}"), "Warn")
  })
})
