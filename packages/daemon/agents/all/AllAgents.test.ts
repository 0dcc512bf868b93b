import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, layer } from "@effect/vitest"
import { Clock, Context, Effect, FileSystem, Layer, Redacted, Result, Schedule } from "effect"
import { delimiter, dirname } from "node:path"
import { layerDaemonOver } from "../../src/Daemon.ts"
import { DaemonStatus } from "../../src/DaemonStatus.ts"
import { layerMachineClisIn } from "../../src/MachineClis.ts"
import { HostEnvironment } from "../../src/process/HostEnvironment.ts"
import { Clis } from "../../src/runtime/Clis.ts"
import { workspaceId } from "../../test/support/FakeServer.ts"
import { WireServer } from "../../test/support/WireServer.ts"
import { installed, packages, versions } from "../Installed.ts"

const keys = Object.keys(versions) as ReadonlyArray<keyof typeof versions>

/** How long the daemon may take until every CLI has a runtime, in ms. */
const deadline = 120_000

/** A machine with seven real CLIs and a person without any login, and a real daemon that has just been started on it. */
class Started extends Context.Service<Started, {
  readonly clis: Clis["Service"]
  readonly status: DaemonStatus["Service"]
  /** Epoch ms. */
  readonly at: number
}>()("@muster/daemon/agents/all/Started") {
  static readonly layer = Layer.effect(
    Started,
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem
      const [home, dataDir] = [yield* files.makeTempDirectoryScoped(), yield* files.makeTempDirectoryScoped()]
      const folders = yield* Effect.forEach(keys, (key) => installed(packages[key], versions[key]))
      const path = [...folders, dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter)
      const server = yield* WireServer.make
      server.fake.listed = [{ id: workspaceId(1), name: "Acme" }]
      const at = yield* Clock.currentTimeMillis
      const services = yield* Layer.build(
        layerDaemonOver({
          serverUrl: server.url,
          token: Redacted.make("mul_secret"),
          dataDir,
          clientVersion: "0.1.0",
          localPort: 0
        }).pipe(
          Layer.provideMerge(layerMachineClisIn(dataDir))
        )
      ).pipe(Effect.provideService(HostEnvironment, { HOME: home, PATH: path }))
      return { at, clis: Context.get(services, Clis), status: Context.get(services, DaemonStatus) }
    })
  ).pipe(Layer.provide(NodeServices.layer))
}

/** What a CLI without a login may say of its models: a refusal that names the login, in its own words. */
const asksForLogin = /refused: .*(auth|log ?in|API key)/i

layer(Started.layer, { timeout: "20 minutes", excludeTestServices: true })(
  "seven real agent CLIs, started at once",
  (it) => {
    it.effect("F-12 are all discovered within two minutes, and none is called broken", () =>
      Effect.gen(function*() {
        const { at, status } = yield* Started
        const { runtimes, skipped } = yield* status.snapshot.pipe(
          Effect.repeat({
            until: ({ runtimes }) => runtimes.length === keys.length,
            schedule: Schedule.spaced("1 second")
          }),
          Effect.timeoutOrElse({ duration: deadline, orElse: () => status.snapshot })
        )
        const seconds = Math.round(((yield* Clock.currentTimeMillis) - at) / 1_000)
        yield* Effect.logInfo(`${runtimes.length} of ${keys.length} CLIs have a runtime after ${seconds} s`)
        assert.deepStrictEqual(skipped, [])
        assert.deepStrictEqual(
          Object.fromEntries(runtimes.map(({ provider, version }) => [provider, version])),
          { ...versions }
        )
      }), 180_000)

    it.effect(
      "F-12 asked for their models all at once, tell them or ask for a login; none is slow, none broken",
      () =>
        Effect.gen(function*() {
          const { clis, status } = yield* Started
          const { runtimes } = yield* status.snapshot
          const said = yield* Effect.forEach(
            runtimes,
            (runtime) => Effect.map(Effect.result(clis.listModels(runtime)), (result) => ({ ...runtime, result })),
            { concurrency: "unbounded" }
          )
          for (const { provider, result } of said) {
            yield* Effect.logInfo(
              Result.isSuccess(result)
                ? `${provider}: ${result.success.models.length} models, ${result.success.source}`
                : `${provider}: ${result.failure.verdict}: ${result.failure.message}`
            )
          }
          for (const { provider, result } of said) {
            if (Result.isSuccess(result)) assert.isAtLeast(result.success.models.length, 1, provider)
            else {
              assert.strictEqual(result.failure.verdict, "unable", result.failure.message)
              assert.match(result.failure.message, asksForLogin)
            }
          }
          const live = said.flatMap(({ provider, result }) =>
            Result.isSuccess(result) && result.success.source === "live" ? [provider] : []
          )
          assert.includeMembers(live, ["claude", "codex", "opencode"])
        }),
      180_000
    )

    it.effect("F-12 pinged all at once, say their version or are slow; none is broken", () =>
      Effect.gen(function*() {
        const { clis, status } = yield* Started
        const { runtimes } = yield* status.snapshot
        const said = yield* Effect.forEach(runtimes, (runtime) => Effect.result(clis.version(runtime)), {
          concurrency: "unbounded"
        })
        for (const [index, result] of said.entries()) {
          if (Result.isFailure(result)) {
            assert.strictEqual(result.failure.verdict, "slow", result.failure.message)
          } else assert.strictEqual(result.success, runtimes[index]!.version)
        }
      }), 60_000)
  }
)
