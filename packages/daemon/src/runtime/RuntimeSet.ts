import type { Identity, Runtime } from "@muster/domain"
import { Context, Effect, Layer, Option, Stream, SubscriptionRef } from "effect"
import type { RegisteredRow } from "../client/ServerApi.ts"
import type { FoundClis } from "./Clis.ts"
import { type RegistrationRequest, type Unserved, withReply } from "./Registration.ts"
import {
  emptyState,
  type OwnRuntime,
  runtimesOf,
  type RuntimeState,
  withClis,
  withoutGone,
  withWorkspaces
} from "./RuntimeState.ts"

/**
 * The daemon's one state. Every change is one atomic step, and everything else in the daemon depends on the state, never on its
 * history.
 */
export class RuntimeSet extends Context.Service<RuntimeSet, {
  readonly state: Effect.Effect<RuntimeState>
  /** The current state, then each later one. A slow reader gets every state, also after a burst. */
  readonly changes: Stream.Stream<RuntimeState>
  /** Waits for the first state, from now on, of which `holds` is true. */
  readonly until: (holds: (state: RuntimeState) => boolean) => Effect.Effect<RuntimeState>

  /** Removes a runtime that the server reports as absent. An unknown id is a no-op. */
  readonly gone: (id: Runtime.RuntimeId) => Effect.Effect<void>
  readonly setWorkspaces: (
    listed: ReadonlyArray<{ readonly id: Identity.WorkspaceId; readonly name: string }>
  ) => Effect.Effect<void>
  /** Returns the runtimes whose CLI was removed. */
  readonly setClis: (found: FoundClis) => Effect.Effect<ReadonlyArray<OwnRuntime>>
  readonly reply: (request: RegistrationRequest, rows: ReadonlyArray<RegisteredRow>) => Effect.Effect<Unserved>
}>()("@muster/daemon/runtime/RuntimeSet") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const ref = yield* SubscriptionRef.make(emptyState)
      const changes = SubscriptionRef.changes(ref)
      /** Writes and notifies subscribers only where something changed. */
      const change = <A>(step: (state: RuntimeState) => readonly [A, RuntimeState]): Effect.Effect<A> =>
        SubscriptionRef.modifySome(ref, (state) => {
          const [answer, next] = step(state)
          return [answer, next === state ? Option.none() : Option.some(next)]
        })

      return RuntimeSet.of({
        state: SubscriptionRef.get(ref),
        changes,
        until: (holds) =>
          changes.pipe(Stream.filter(holds), Stream.runHead, Effect.flatMap(Effect.fromOption), Effect.orDie),
        gone: (id) => change((state) => [undefined, withoutGone(state, id)]),
        setWorkspaces: (listed) => change((state) => [undefined, withWorkspaces(state, listed)]),
        setClis: (found) =>
          change((state) => {
            const next = withClis(state, found)
            const kept = new Set(runtimesOf(next))
            return [runtimesOf(state).filter((runtime) => !kept.has(runtime)), next]
          }),
        reply: (request, rows) =>
          change((state) => {
            const [next, unserved] = withReply(state, request, rows)
            return [unserved, next]
          })
      })
    })
  )
}
