import { Clis, layerMachineClis } from "@muster/daemon"
import { Effect, Fiber, Layer, Ref } from "effect"

/**
 * The machine's agent CLIs, with the first look under way from now on: versions of some CLIs take seconds, which the
 * server's start takes too.
 */
export const layerEarlyClis: Layer.Layer<Clis> = Layer.effect(
  Clis,
  Effect.gen(function*() {
    const clis = yield* Clis
    const first = yield* Effect.forkScoped(clis.discover)
    const taken = yield* Ref.make(false)
    return Clis.of({
      ...clis,
      discover: Effect.flatMap(Ref.getAndSet(taken, true), (again) => again ? clis.discover : Fiber.join(first))
    })
  })
).pipe(Layer.provide(layerMachineClis))
