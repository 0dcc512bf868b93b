import type { Runtime } from "@muster/domain"
import { Conditions } from "@muster/kit"
import { Context, Effect, Layer } from "effect"
import type { BeatReply } from "../client/ServerApi.ts"
import { TakeOwnId } from "../identity/OwnId.ts"
import { PickUp } from "../request/PickUp.ts"
import { RuntimeSet } from "../runtime/RuntimeSet.ts"
import { runtimesOf } from "../runtime/RuntimeState.ts"

const copied = "another machine uses the id of this daemon, since its data folder was copied"
const lapse = "no other machine uses the id of this daemon"

/** Applies acks of both transports. */
export class Acks extends Context.Service<Acks, {
  /**
   * Gone removes the runtime. A daemon whose id another machine uses takes a new id and removes all its runtimes. Any other ack
   * starts the pick-up of its work and returns at once.
   */
  readonly receive: (id: Runtime.RuntimeId, ack: BeatReply, via: Runtime.Transport) => Effect.Effect<void>
}>()("@muster/daemon/beat/Acks") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const set = yield* RuntimeSet
      const pickUp = yield* PickUp
      const conditions = yield* Conditions
      const takeOwnId = yield* TakeOwnId

      /** Takes a new id and removes the runtimes: they belong to the other machine. */
      const leave = Effect.fnUntraced(
        function*(id: Runtime.RuntimeId) {
          const had = runtimesOf(yield* set.state).map((runtime) => runtime.id)
          if (!had.includes(id)) return
          yield* takeOwnId
          yield* Effect.forEach(had, set.gone, { discard: true })
        },
        Effect.catch(({ message }) =>
          conditions.begin("second daemon", `${copied}; ${message}`, { level: "Error", lapse })
        )
      )

      const tell = conditions.begin(
        "second daemon",
        `${copied}; this daemon keeps the id`,
        { lapse }
      )

      return {
        receive: (id, ack, via) => {
          if (ack.gone) return set.gone(id)
          if (ack.second === true) return leave(id)
          const accept = pickUp.accept(id, ack.fields, via)
          return ack.fields["second_daemon"] === true ? Effect.andThen(tell, accept) : accept
        }
      }
    })
  )
}
