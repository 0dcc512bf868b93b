import type { RuntimeId } from "@muster/domain"
import { Effect, Semaphore } from "effect"

/** How many reports are on their way at a time: of one runtime, and of all. */
const ofOne = 4
const ofAll = 64

/**
 * Gives out turns to call the server. One runtime has a small part of them at most, so that its slow calls do not hold up
 * the others'. A turn is held during a call, never during a pause.
 */
export const makeReportTurns = Effect.map(Semaphore.make(ofAll), (all) => {
  const gates = new Map<RuntimeId, { readonly own: Semaphore.Semaphore; users: number }>()

  return <A, E>(runtime: RuntimeId, call: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.suspend(() => {
      const gate = gates.get(runtime) ?? { own: Semaphore.makeUnsafe(ofOne), users: 0 }
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
