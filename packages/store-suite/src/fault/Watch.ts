import { Store } from "@muster/domain"
import { type Context, Effect, Layer } from "effect"

/** What a test does to a backend in memory, and its observations. */
export interface Watch {
  /** Once on, every call fails as on a dead backend. */
  down: boolean
  /** How many calls there were. */
  calls: number
}

export const newWatch = (): Watch => ({ down: false, calls: 0 })

export const outageOf = (watch: Watch) =>
  Effect.sync(() => {
    watch.down = true
  })

/** Every operation of the service, counted, and failing while the backend is down. */
const watchedService = <S extends object>(service: S, watch: Watch): S => {
  const enter = (operation: string) =>
    Effect.suspend(() => {
      watch.calls++
      return watch.down ? new Store.StoreUnavailable({ operation, cause: new Error("switched off") }) : Effect.void
    })
  const guarded = Object.entries(service).map(([name, member]) => [
    name,
    typeof member === "function"
      ? (...args: ReadonlyArray<unknown>) => Effect.andThen(enter(name), Reflect.apply(member, service, args))
      : Effect.andThen(enter(name), member)
  ])
  return Object.fromEntries(guarded)
}

/** The store under this watch. */
export const watched = <I, S extends object>(store: Context.Key<I, S>, watch: Watch): Layer.Layer<I, never, I> =>
  Layer.effect(store, Effect.map(store, (service) => watchedService(service, watch)))
