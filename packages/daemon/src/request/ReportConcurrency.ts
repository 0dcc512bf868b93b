import type { Runtime } from "@muster/domain"
import { Effect, Semaphore } from "effect"

/** How many reports are sent concurrently: of one runtime, and of all. */
const concurrencyPerRuntime = 4
const concurrency = 64

/**
 * Limits concurrent calls that report results. One runtime uses a small part of the limit, so that its slow calls do not
 * delay the others'. A permit is held during a call, never during a pause.
 */
export const makeReportConcurrency = Effect.map(Semaphore.make(concurrency), (all) => {
  const gates = new Map<Runtime.RuntimeId, { readonly own: Semaphore.Semaphore; users: number }>()

  return <A, E>(runtime: Runtime.RuntimeId, call: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.suspend(() => {
      const gate = gates.get(runtime) ?? { own: Semaphore.makeUnsafe(concurrencyPerRuntime), users: 0 }
      gates.set(runtime, gate)
      gate.users++
      return gate.own.withPermit(all.withPermit(call)).pipe(
        Effect.ensuring(Effect.sync(() => {
          gate.users--
          if (gate.users === 0) gates.delete(runtime)
        }))
      )
    })
})
