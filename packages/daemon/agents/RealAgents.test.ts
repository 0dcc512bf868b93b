import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer, Stream } from "effect"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { type Discovered, Discovery } from "../src/discovery/Discovery.ts"
import { HostEnvironment } from "../src/process/HostEnvironment.ts"
import { ModelCatalogs } from "../src/provider/ModelCatalogs.ts"
import { installed, versions } from "./Installed.ts"

/** A machine that has the real opencode and codex, and a person who has never used them. */
class Machine extends Context.Service<Machine, {
  readonly found: Discovered["found"]
  readonly skipped: Discovered["skipped"]
  readonly list: ModelCatalogs["Service"]["list"]
}>()("@muster/daemon/agents/Machine") {
  static readonly layer = Layer.effect(
    Machine,
    Effect.gen(function*() {
      const home = yield* Effect.acquireRelease(
        Effect.promise(() => mkdtemp(join(tmpdir(), "muster-home-"))),
        (path) => Effect.promise(() => rm(path, { recursive: true, force: true, maxRetries: 5 }))
      )
      const folders = [
        yield* installed("@openai/codex", versions.codex),
        yield* installed("opencode-ai", versions.opencode)
      ]
      const path = [...folders, dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter)
      const services = yield* Layer.build(Layer.merge(Discovery.layer, ModelCatalogs.layer)).pipe(
        Effect.provideService(HostEnvironment, { HOME: home, PATH: path })
      )
      const seen = yield* Stream.runLast(Context.get(services, Discovery).look)
      const { found, skipped } = yield* Effect.fromOption(seen)
      return { found, skipped, list: Context.get(services, ModelCatalogs).list }
    })
  )
}

layer(Machine.layer, { timeout: "5 minutes", excludeTestServices: true })("real agent CLIs", (it) => {
  it.effect("D-15 both are found, with their versions", () =>
    Effect.gen(function*() {
      const { found, skipped } = yield* Machine
      assert.deepStrictEqual(skipped, [])
      assert.deepStrictEqual(
        found.map(({ provider, version }) => [provider, version]),
        [["codex", versions.codex], ["opencode", versions.opencode]]
      )
    }))

  it.effect.each(["codex", "opencode"] as const)(
    "%s tells its models and its default, live",
    (provider) =>
      Effect.gen(function*() {
        const { found, list } = yield* Machine
        const catalog = yield* list(found.find((cli) => cli.provider === provider)!)
        assert.strictEqual(catalog.source, "live")
        assert.isAtLeast(catalog.models.length, 1)
        assert.strictEqual(catalog.models.filter((model) => model.default).length, 1)
      })
  )
})
