import { Clis, layerMachineClisIn } from "@muster/daemon"
import { Effect, Layer, Ref, Stream } from "effect"

/**
 * The machine's agent CLIs, with the first look under way from now on: versions of some CLIs take seconds, which the
 * server's start takes too.
 */
export const layerEarlyClis = (dataDir: string): Layer.Layer<Clis> =>
  Layer.effect(
    Clis,
    Effect.gen(function*() {
      const clis = yield* Clis
      const first = yield* Stream.toQueue(clis.look, { capacity: "unbounded" })
      const taken = yield* Ref.make(false)
      const begun = Effect.map(
        Ref.getAndSet(taken, true),
        (again) => again ? clis.look : Stream.fromQueue(first)
      )
      return Clis.of({ ...clis, look: Stream.unwrap(begun) })
    })
  ).pipe(Layer.provide(layerMachineClisIn(dataDir)))
