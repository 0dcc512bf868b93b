import { type Lookup, type RuntimeId, RuntimeRegistry, type StoreUnavailable } from "@muster/domain"
import { Cache, Context, Duration, Effect, Exit, Layer } from "effect"

/** How long a row is reused. What another replica changed shows here within this time, well within one beat. */
const freshFor = Duration.seconds(5)
const capacity = 100_000

/**
 * The registry's rows as beats need them: read at most once in 5 s each. What this replica changes, shows at once.
 * Absence is remembered for as short as a fault: not at all.
 */
export class RuntimeDirectory extends Context.Service<RuntimeDirectory, {
  readonly find: (id: RuntimeId) => Effect.Effect<Lookup, StoreUnavailable>
  /** The row as the registry has it now, for decisions that may not rest on a remembered one. */
  readonly findNow: (id: RuntimeId) => Effect.Effect<Lookup, StoreUnavailable>
  readonly forget: (ids: ReadonlyArray<RuntimeId>) => Effect.Effect<void>
}>()("@muster/server/runtime/RuntimeDirectory") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const registry = yield* RuntimeRegistry
      const rows = yield* Cache.makeWith(registry.find, {
        capacity,
        timeToLive: (exit) => Exit.isSuccess(exit) && exit.value._tag === "Found" ? freshFor : Duration.zero
      })
      const forget = (ids: ReadonlyArray<RuntimeId>) =>
        Effect.forEach(ids, (id) => Cache.invalidate(rows, id), { discard: true })
      return RuntimeDirectory.of({
        find: (id) => Cache.get(rows, id),
        findNow: (id) => Effect.andThen(Cache.invalidate(rows, id), Cache.get(rows, id)),
        forget
      })
    })
  )
}
