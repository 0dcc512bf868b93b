import { type Runtime, RuntimeRegistry, type Store } from "@muster/domain"
import { Context, Duration, Effect, Layer } from "effect"
import { makeMemo } from "../memo/Memo.ts"

/**
 * How long a row may be reused. A change by another replica is visible here within this time. It is longer than the beat
 * interval, so most beats do not read the table.
 */
const maxAge = Duration.seconds(20)

/** Rows that were used this recently are read again in bulk before they are dropped: longer than a beat's interval, with jitter. */
const usedWithin = Duration.seconds(30)

/** Caches the registry's rows for beats. A change by this replica is visible immediately; absence is never cached. */
export class RuntimeDirectory extends Context.Service<RuntimeDirectory, {
  readonly find: (id: Runtime.RuntimeId) => Effect.Effect<RuntimeRegistry.Lookup, Store.StoreUnavailable>
  /** The cached row; undefined does not mean that the runtime is absent. */
  readonly known: (id: Runtime.RuntimeId) => Runtime.Runtime | undefined
  /** Reads the row from the registry, for decisions that must not use a cached row. */
  readonly findNow: (id: Runtime.RuntimeId) => Effect.Effect<RuntimeRegistry.Lookup, Store.StoreUnavailable>
  readonly forget: (ids: ReadonlyArray<Runtime.RuntimeId>) => Effect.Effect<void>
}>()("@muster/server/runtime/RuntimeDirectory") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const registry = yield* RuntimeRegistry.RuntimeRegistry
      const rows = yield* makeMemo({
        lookup: registry.find,
        // An offline row changes with the beat that reads it: that beat sets it online.
        keep: (found) => found._tag === "Found" && found.runtime.status === "online",
        maxAge,
        renewal: {
          lookup: (ids: ReadonlyArray<Runtime.RuntimeId>) =>
            Effect.map(
              registry.rows(ids),
              (rows) => rows.map((runtime) => [runtime.id, { _tag: "Found", runtime }] as const)
            ),
          usedWithin
        }
      })
      return RuntimeDirectory.of({
        find: rows.get,
        known: (id) => {
          const kept = rows.peek(id)
          return kept?._tag === "Found" ? kept.runtime : undefined
        },
        findNow: (id) => Effect.flatMap(rows.forget(id), () => rows.get(id)),
        forget: (ids) => Effect.forEach(ids, rows.forget, { discard: true })
      })
    })
  )
}
