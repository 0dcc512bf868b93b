import { describe, it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Model } from "@muster/domain"

const models = [{ id: "gpt-5", label: "GPT 5" }]

describe("the default model of a runtime", () => {
  it("a default that the list no longer has is reported, not replaced", () => {
    strictEqual(
      Model.defaultModelNote("gpt-4", models, "Codex 1"),
      "gpt-4 is not in the list of Codex 1: tasks that name no model still ask for it, and may be refused. " +
        "Choose another default model, or none"
    )
  })

  it("a listed default, and one of a runtime whose list is empty, need no note", () => {
    strictEqual(Model.defaultModelNote("gpt-5", models, "Codex 1"), undefined)
    strictEqual(Model.defaultModelNote("gpt-4", [], "Codex 1"), undefined)
    deepStrictEqual(
      [Model.isModelListed("gpt-5", models), Model.isModelListed("gpt-4", models), Model.isModelListed("gpt-4", [])],
      [true, false, null]
    )
  })
})
