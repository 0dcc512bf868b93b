import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import {
  mayAct,
  refusalOf,
  Role,
  type RuntimeAction,
  runtimeActions,
  type Standing,
  standingOf,
  UserId,
  Visibility
} from "@muster/domain"
import { Schema } from "effect"

const all: ReadonlyArray<RuntimeAction> = ["see", "use", "import", "update", "edit", "delete", "takeOver"]
const own: ReadonlyArray<RuntimeAction> = ["see", "use", "import", "update", "edit", "delete"]
const manage: ReadonlyArray<RuntimeAction> = ["see", "edit", "delete", "takeOver"]

/** Who may do what to a runtime: one line for each way to stand to it. */
const table: ReadonlyArray<readonly [Visibility, Role, boolean, ReadonlyArray<RuntimeAction>]> = [
  ["private", "owner", true, all],
  ["private", "admin", true, all],
  ["private", "member", true, own],
  ["private", "owner", false, manage],
  ["private", "admin", false, manage],
  ["private", "member", false, ["see"]],
  ["public", "owner", true, all],
  ["public", "admin", true, all],
  ["public", "member", true, own],
  ["public", "owner", false, all],
  ["public", "admin", false, all],
  ["public", "member", false, ["see", "use", "import"]]
]

const AnyStanding = Schema.Struct({ role: Role, isOwner: Schema.Boolean, visibility: Visibility })
const actionsOf = (standing: Standing) => runtimeActions.filter((action) => mayAct(action, standing))

describe("Permission", () => {
  it.each(table)("X-01 F-29 a %s runtime: %s, owning it: %s, may %j", (visibility, role, isOwner, allowed) => {
    deepStrictEqual(actionsOf({ role, isOwner, visibility }), allowed)
  })

  it.prop("X-01 only the owner of a runtime owns it; nobody owns one without owner", [
    Role,
    UserId,
    UserId,
    Visibility
  ], ([role, user, other, visibility]) => {
    const standing = (ownerId: UserId | null) => standingOf(role, user, { ownerId, visibility })
    deepStrictEqual(standing(user), { role, isOwner: true, visibility })
    deepStrictEqual(standing(null), { role, isOwner: false, visibility })
    strictEqual(standing(other).isOwner, user === other)
  })

  it.prop("X-01 who may delete may edit, who may do anything may see", [AnyStanding], ([standing]) => {
    const actions = actionsOf(standing)
    assertTrue(actions.includes("see"))
    strictEqual(actions.includes("delete"), actions.includes("edit"))
  })

  it.prop("F-29 no role uses, imports from or updates a private runtime of another", [Role], ([role]) => {
    const actions = actionsOf({ role, isOwner: false, visibility: "private" })
    deepStrictEqual(actions.filter((action) => ["use", "import", "update"].includes(action)), [])
  })

  it.prop("F-29 whatever is refused is refused with what to do", [AnyStanding], ([standing]) => {
    for (const action of runtimeActions.filter((one) => !mayAct(one, standing))) {
      const { code, error } = refusalOf(action, standing, "Ana")
      if (!["use", "import", "update"].includes(action)) continue
      assertTrue(error.startsWith("insufficient permissions: "))
      assertTrue(error.includes("Ana"))
      strictEqual(code, standing.visibility === "private" ? "runtime_private" : "forbidden")
      strictEqual(error.includes("make it public"), standing.visibility === "private")
    }
  })

  it("F-29 a private runtime without an owner is opened by an owner or admin", () => {
    const error = (role: Role) => refusalOf("use", { role, isOwner: false, visibility: "private" }, null).error
    deepStrictEqual([error("member"), error("admin")], [
      "insufficient permissions: this runtime is private, only its owner can use it; " +
      "ask an owner or admin of the workspace to make it public",
      "insufficient permissions: this runtime is private, only its owner can use it; make it public first"
    ])
  })
})
