import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Identity, LivenessPolicy, Runtime, Token } from "@muster/domain"
import { Migrations, PostgresClient } from "@muster/store-postgres"
import { freshDatabase, lineToUrl, storeNode } from "@muster/store-suite"
import { Clock, Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { stores } from "./Stores.ts"

const runtime = Runtime.RuntimeId.make("00000000-0000-4000-8000-000000000000")
const hash = Token.TokenHash.make("0".repeat(64))

/** A node whose line to the database a test may disturb. */
const scene = Effect.gen(function*() {
  const line = yield* lineToUrl(yield* freshDatabase)
  const client = Layer.orDie(PostgresClient.layer({ url: line.url, maxConnections: 4 }))
  const node = yield* storeNode(stores.pipe(Layer.provideMerge(Migrations.layer), Layer.provide(client)))
  return { ...node, line }
})

const wallClock = Clock.Clock.defaultValue()

describe("a database that is disturbed", () => {
  it.effect("H-02 calls are unavailable within the bound if the database neither answers nor ends, with more callers than connections", () =>
    Effect.gen(function*() {
      const { access, line, registry } = yield* scene
      yield* registry.find(runtime)
      yield* line.stall
      const since = wallClock.currentTimeMillisUnsafe()
      const errors = yield* Effect.all(
        Array.from({ length: 10 }, () => [Effect.flip(registry.find(runtime)), Effect.flip(access.authenticate(hash))])
          .flat(),
        { concurrency: "unbounded" }
      )
      const took = wallClock.currentTimeMillisUnsafe() - since
      deepStrictEqual(new Set(errors.map(({ _tag }) => _tag)), new Set(["StoreUnavailable"]))
      assertTrue(took < 10_000, `${took} ms`)
      // The cancelled statements are still on the line; without it the connections could not be closed in time.
      yield* line.cut
    }))

  it.effect("a call does not time out by the caller's own clock", () =>
    Effect.gen(function*() {
      const { line, registry } = yield* scene
      yield* registry.find(runtime)
      yield* line.stall
      const fiber = yield* Effect.forkChild(registry.find(runtime), { startImmediately: true })
      yield* TestClock.adjust("1 day")
      yield* line.mend
      strictEqual((yield* Fiber.join(fiber))._tag, "Gone")
    }))

  it.effect("the database is used again when it is back, and gets the buffered times", () =>
    Effect.gen(function*() {
      const { access, line, liveness, registry } = yield* scene
      const owner = yield* access.ensureUser("ada@example.org", "Ada")
      const workspace = yield* access.createWorkspace({
        name: "Acme",
        slug: "acme",
        description: null,
        context: null,
        issuePrefix: "A",
        owner: owner.id
      })
      const { runtimes: [row] } = yield* registry.register({
        workspaceId: workspace.id,
        daemonId: Identity.DaemonId.make("box"),
        legacyDaemonIds: [],
        timezone: "UTC",
        owner: null,
        runtimes: [{
          provider: "codex",
          name: "codex",
          status: "online",
          deviceInfo: "",
          metadata: { version: "", cli_version: "", launched_by: "" }
        }]
      })
      yield* TestClock.adjust(LivenessPolicy.defaultIntervals.flushAge)
      yield* line.cut
      yield* liveness.beat(row!)
      strictEqual((yield* Effect.flip(liveness.flush))._tag, "StoreUnavailable")
      strictEqual((yield* Effect.flip(liveness.alive([runtime])))._tag, "StoreUnavailable")
      // Turning online again does not wait in a buffer.
      strictEqual((yield* Effect.flip(liveness.beat({ ...row!, status: "offline" })))._tag, "StoreUnavailable")
      yield* line.mend
      yield* liveness.flush
      const found = yield* registry.find(row!.id)
      strictEqual(
        found._tag === "Found" ? found.runtime.lastSeenAt : undefined,
        LivenessPolicy.defaultIntervals.flushAge
      )
    }))
})
