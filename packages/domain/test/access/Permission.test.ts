import { describe, it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { mayAct, Role, type RuntimeAction, standingOf, UserId } from "@muster/domain"
import { Schema } from "effect"

const actions: ReadonlyArray<RuntimeAction> = ["see", "ask", "edit", "delete"]

/** Who may do what to a runtime: one line for each way to stand to it. */
const table: ReadonlyArray<readonly [Role, boolean, ReadonlyArray<RuntimeAction>]> = [
  ["owner", true, ["see", "ask", "edit", "delete"]],
  ["owner", false, ["see", "ask", "edit", "delete"]],
  ["admin", true, ["see", "ask", "edit", "delete"]],
  ["admin", false, ["see", "ask", "edit", "delete"]],
  ["member", true, ["see", "ask", "edit", "delete"]],
  ["member", false, ["see", "ask"]]
]

describe("Permission", () => {
  it.each(table)("X-01 %s, owning the runtime: %s, may %j", (role, isOwner, allowed) => {
    deepStrictEqual(actions.filter((action) => mayAct(action, { role, isOwner })), allowed)
  })

  it.prop("X-01 only the owner of a runtime owns it; nobody owns one without owner", [Role, UserId, UserId], (
    [role, user, other]
  ) => {
    deepStrictEqual(standingOf(role, user, user), { role, isOwner: true })
    deepStrictEqual(standingOf(role, user, null), { role, isOwner: false })
    strictEqual(standingOf(role, user, other).isOwner, user === other)
  })

  it.prop("X-01 who may delete may edit, who may edit may ask, who may ask may see", [Role, Schema.Boolean], (
    [role, isOwner]
  ) => {
    const may = actions.map((action) => mayAct(action, { role, isOwner }))
    deepStrictEqual(may, may.toSorted((a, b) => Number(b) - Number(a)))
  })
})
