import { describe, it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { DaemonAccess, Identity, Scope } from "@muster/domain"
import { Schema } from "effect"

const [home, elsewhere] = ["1", "2"].map((n) => Identity.WorkspaceId.make(`${n}0000000-0000-4000-8000-000000000000`))
const [ana, bob] = ["a", "b"].map((n) => Identity.UserId.make(`${n}0000000-0000-4000-8000-000000000000`))
const tokenId = Identity.TokenId.make("00000000-0000-4000-8000-000000000000")

const person = (userId: Identity.UserId): Identity.Credential => ({
  _tag: "User",
  userId,
  tokenId,
  purpose: "api",
  prefix: "mul_00000000",
  scopes: Scope.all,
  expiresAt: null,
  origin: { id: tokenId, expiresAt: null }
})
const daemon = (workspaceId: Identity.WorkspaceId, id: string): Identity.Credential => ({
  _tag: "Daemon",
  workspaceId,
  daemonId: Identity.DaemonId.make(id)
})

/** Ana's runtime of the daemon `box`. */
const hers = { workspaceId: home!, daemonId: Identity.DaemonId.make("box"), ownerId: ana! }
const unowned = { ...hers, ownerId: null }

describe("DaemonAccess", () => {
  it.each<readonly [string, Identity.Credential, boolean, own: boolean, unowned: boolean]>([
    ["its owner", person(ana!), true, true, true],
    ["its owner, no longer a member", person(ana!), false, false, false],
    ["another member", person(bob!), true, false, true],
    ["a stranger", person(bob!), false, false, false],
    ["its daemon", daemon(home!, "box"), false, true, true],
    ["a daemon of another case", daemon(home!, "BOX"), false, false, false],
    ["another daemon", daemon(home!, "box2"), false, false, false],
    ["a daemon of this id elsewhere", daemon(elsewhere!, "box"), false, false, false]
  ])("F-25 %s", (_, credential, isMember, own, free) => {
    deepStrictEqual([hers, unowned].map((row) => DaemonAccess.actsAsDaemon(credential, row, isMember)), [own, free])
  })

  it("F-25 a daemon token is refused for a row without a daemon", () => {
    strictEqual(DaemonAccess.actsAsDaemon(daemon(home!, "box"), { ...unowned, daemonId: null }, true), false)
  })

  it.prop("F-25 a person can neither register over nor merge another person's row", [
    Identity.UserId,
    Identity.UserId,
    Schema.NullOr(Identity.UserId)
  ], ([user, other, owner]) => {
    strictEqual(DaemonAccess.mayRegister(user, other), user === other)
    strictEqual(DaemonAccess.mayMerge(user, other), user === other)
    strictEqual(DaemonAccess.mayRegister(user, null) && DaemonAccess.mayMerge(owner, null), true)
    // A daemon token has no person: it keeps its rows with any owner, and merges no row that has one.
    strictEqual(DaemonAccess.mayRegister(null, owner), true)
    strictEqual(DaemonAccess.mayMerge(null, owner), owner === null)
  })
})
