import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Access, Membership } from "@muster/domain"
import { layerMemory } from "@muster/store-memory"
import { Effect, FileSystem, Layer, Redacted } from "effect"
import { ensureOwner } from "../../src/owner/OwnerToken.ts"

const test = <A, E>(run: Effect.Effect<A, E, Access.Access | Membership.Membership | FileSystem.FileSystem>) =>
  Effect.provide(run, Layer.mergeAll(layerMemory, NodeServices.layer)) as Effect.Effect<A, E>

/** A server that starts with this data folder. */
const start = (folder: string, secret?: Redacted.Redacted) =>
  Effect.provide(ensureOwner(folder, secret), NodeServices.layer)

const newFolder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())

describe("the owner of an installation", () => {
  it.effect("A-10 an owner who deleted their last workspace has one again after a restart, and takes nobody's", () =>
    test(Effect.scoped(Effect.gen(function*() {
      const access = yield* Access.Access
      const membership = yield* Membership.Membership
      const folder = yield* newFolder
      const first = yield* start(folder)
      yield* membership.deleteWorkspace({ workspaceId: first.workspaceId, by: first.userId, confirm: "home" })
      const eve = yield* access.ensureUser("eve@example.org", "Eve")
      const hers = yield* access.createWorkspace({
        name: "Hers",
        slug: "home",
        description: null,
        context: null,
        issuePrefix: "H",
        owner: eve.id
      })
      const again = yield* start(folder)
      assert.notStrictEqual(again.workspaceId, hers.id)
      assert.deepStrictEqual((yield* access.workspacesOf(again.userId)).map(({ slug }) => slug), ["home-2"])
      assert.deepStrictEqual((yield* access.membersOf(hers.id)).map(({ id }) => id), [eve.id])
    }))))

  it.effect("A-01 an owner who changed their e-mail is the same person after a restart", () =>
    test(Effect.scoped(Effect.gen(function*() {
      const membership = yield* Membership.Membership
      const folder = yield* newFolder
      const first = yield* start(folder)
      yield* membership.editUser(first.userId, { email: "ana@example.org" })
      const again = yield* start(folder)
      assert.deepStrictEqual(
        [again.userId, again.workspaceId, Redacted.value(again.token)],
        [first.userId, first.workspaceId, Redacted.value(first.token)]
      )
    }))))

  it.effect("replicas that start at once on one database have one owner and one workspace", () =>
    test(Effect.scoped(Effect.gen(function*() {
      const folders = yield* Effect.all([newFolder, newFolder, newFolder])
      const owners = yield* Effect.all(folders.map((folder) => start(folder)), { concurrency: "unbounded" })
      assert.strictEqual(new Set(owners.map(({ userId, workspaceId }) => `${userId} ${workspaceId}`)).size, 1)
    }))))

  it.effect("P-04 replicas with one secret and folders that do not last have one token of the owner", () =>
    test(Effect.scoped(Effect.gen(function*() {
      const access = yield* Access.Access
      const secret = Redacted.make("0123456789".repeat(4))
      const first = yield* start(yield* newFolder, secret)
      const folder = yield* newFolder
      const second = yield* start(folder, secret)
      assert.deepStrictEqual(Redacted.value(second.token), Redacted.value(first.token))
      assert.deepStrictEqual([second.userId, second.tokenId], [first.userId, first.tokenId])
      assert.lengthOf(yield* access.listTokens(first.userId), 1)
      const written = yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readFileString(`${folder}/token`))
      assert.strictEqual(written.trim(), Redacted.value(first.token))
      const short = yield* Effect.flip(start(folder, Redacted.make("secret")))
      assert.match(short.message, /^MUSTER_OWNER_SECRET has 6 characters, and at least 32 are needed/)
    }))))
})
