import { type Lookup, type Runtime, type RuntimeId, RuntimeRegistry, type StoreUnavailable } from "@muster/domain"
import { Context, Duration, Effect, Layer } from "effect"
import { makeMemo } from "../memo/Memo.ts"

/**
 * How long a row may be reused. What another replica changed shows here within this time at the latest; it is longer
 * than a beat, so that most beats need no look into the table.
 */
const maxAge = Duration.seconds(20)

/** The registry's rows as beats need them. What this replica changes, shows at once; absence is never remembered. */
export class RuntimeDirectory extends Context.Service<RuntimeDirectory, {
  readonly find: (id: RuntimeId) => Effect.Effect<Lookup, StoreUnavailable>
  /** The row where it is known without asking; undefined says nothing. */
  readonly known: (id: RuntimeId) => Runtime | undefined
  /** The row as the registry has it now, for decisions that may not rest on a remembered one. */
  readonly findNow: (id: RuntimeId) => Effect.Effect<Lookup, StoreUnavailable>
  readonly forget: (ids: ReadonlyArray<RuntimeId>) => Effect.Effect<void>
}>()("@muster/server/runtime/RuntimeDirectory") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const registry = yield* RuntimeRegistry
      const rows = yield* makeMemo({
        lookup: registry.find,
        // An offline row is about to change: the beat that asks for it turns it online.
        keep: (found) => found._tag === "Found" && found.runtime.status === "online",
        maxAge
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
