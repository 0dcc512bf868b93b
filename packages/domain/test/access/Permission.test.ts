import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Identity, Permission } from "@muster/domain"
import { Schema } from "effect"

const all: ReadonlyArray<Permission.RuntimeAction> = ["see", "use", "import", "update", "edit", "delete", "takeOver"]
const own: ReadonlyArray<Permission.RuntimeAction> = ["see", "use", "import", "update", "edit", "delete"]
const manage: ReadonlyArray<Permission.RuntimeAction> = ["see", "edit", "delete", "takeOver"]

/** The permissions on a runtime: one line for each relation to it. */
const table: ReadonlyArray<
  readonly [Permission.Visibility, Identity.Role, boolean, ReadonlyArray<Permission.RuntimeAction>]
> = [
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

const AnyStanding = Schema.Struct({ role: Identity.Role, isOwner: Schema.Boolean, visibility: Permission.Visibility })
const actionsOf = (standing: Permission.Standing) =>
  Permission.runtimeActions.filter((action) => Permission.mayAct(action, standing))

describe("Permission", () => {
  it.each(table)("X-01 F-29 a %s runtime: %s, owning it: %s, may %j", (visibility, role, isOwner, allowed) => {
    deepStrictEqual(actionsOf({ role, isOwner, visibility }), allowed)
  })

  it.prop("X-01 only the owner of a runtime owns it; a runtime without an owner is owned by no person", [
    Identity.Role,
    Identity.UserId,
    Identity.UserId,
    Permission.Visibility
  ], ([role, user, other, visibility]) => {
    const standing = (ownerId: Identity.UserId | null) => Permission.standingOf(role, user, { ownerId, visibility })
    deepStrictEqual(standing(user), { role, isOwner: true, visibility })
    deepStrictEqual(standing(null), { role, isOwner: false, visibility })
    strictEqual(standing(other).isOwner, user === other)
  })

  it.prop("X-01 a person who may delete may edit, and one who may do anything may see", [AnyStanding], ([standing]) => {
    const actions = actionsOf(standing)
    assertTrue(actions.includes("see"))
    strictEqual(actions.includes("delete"), actions.includes("edit"))
  })

  it.prop(
    "F-29 no role may use, import from or update a private runtime of another person",
    [Identity.Role],
    ([role]) => {
      const actions = actionsOf({ role, isOwner: false, visibility: "private" })
      deepStrictEqual(actions.filter((action) => ["use", "import", "update"].includes(action)), [])
    }
  )

  it.prop("F-29 each refusal states what to do next", [AnyStanding], ([standing]) => {
    for (const action of Permission.runtimeActions.filter((one) => !Permission.mayAct(one, standing))) {
      const { code, error } = Permission.refusalOf(action, standing, "Ana")
      if (!["use", "import", "update"].includes(action)) continue
      assertTrue(error.startsWith("insufficient permissions: "))
      assertTrue(error.includes("Ana"))
      strictEqual(code, standing.visibility === "private" ? "runtime_private" : "forbidden")
      strictEqual(error.includes("make it public"), standing.visibility === "private")
    }
  })

  it("F-29 an owner or admin opens a private runtime without an owner", () => {
    const error = (role: Identity.Role) =>
      Permission.refusalOf("use", { role, isOwner: false, visibility: "private" }, null).error
    deepStrictEqual([error("member"), error("admin")], [
      "insufficient permissions: this runtime is private, only its owner can use it; " +
      "ask an owner or admin of the workspace to make it public",
      "insufficient permissions: this runtime is private, only its owner can use it; make it public first"
    ])
  })
})
