import { describe, it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { type Audience, isAmong, mayAct, Role, type RuntimeAction, standingOf, UserId } from "@muster/domain"
import { Schema } from "effect"

const actions: ReadonlyArray<RuntimeAction> = ["see", "edit", "delete"]

/** Who may do what to a runtime: one line for each way to stand to it. */
const table: ReadonlyArray<readonly [Role, boolean, ReadonlyArray<RuntimeAction>]> = [
  ["owner", true, ["see", "edit", "delete"]],
  ["owner", false, ["see", "edit", "delete"]],
  ["admin", true, ["see", "edit", "delete"]],
  ["admin", false, ["see", "edit", "delete"]],
  ["member", true, ["see", "edit", "delete"]],
  ["member", false, ["see"]]
]

describe("Permission", () => {
  it.each(table)("X-01 %s, owning the runtime: %s, may %j", (role, isOwner, allowed) => {
    deepStrictEqual(actions.filter((action) => mayAct(action, { role, isOwner })), allowed)
  })

  it.each<readonly [Audience, ReadonlyArray<string>]>([
    ["member", ["owner", "admin", "member", "owner of it", "admin of it", "member of it"]],
    ["owner", ["owner of it", "admin of it", "member of it"]],
    ["ownerOrAdmin", ["owner", "admin", "owner of it", "admin of it", "member of it"]]
  ])("X-01 what is for %s is for %j", (audience, expected) => {
    const everybody = [false, true].flatMap((isOwner) =>
      (["owner", "admin", "member"] as const).map((role) => ({ role, isOwner }))
    )
    const among = everybody.filter((standing) => isAmong(audience, standing))
    deepStrictEqual(among.map(({ isOwner, role }) => isOwner ? `${role} of it` : role), expected)
  })

  it.prop("X-01 only the owner of a runtime owns it; nobody owns one without owner", [Role, UserId, UserId], (
    [role, user, other]
  ) => {
    deepStrictEqual(standingOf(role, user, user), { role, isOwner: true })
    deepStrictEqual(standingOf(role, user, null), { role, isOwner: false })
    strictEqual(standingOf(role, user, other).isOwner, user === other)
  })

  it.prop("X-01 who may delete may edit, who may edit may see", [Role, Schema.Boolean], (
    [role, isOwner]
  ) => {
    const may = actions.map((action) => mayAct(action, { role, isOwner }))
    deepStrictEqual(may, may.toSorted((a, b) => Number(b) - Number(a)))
  })
})
