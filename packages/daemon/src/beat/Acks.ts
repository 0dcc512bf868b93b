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

/** What an ack makes the daemon do, over whichever transport it came. */
export class Acks extends Context.Service<Acks, {
  /**
   * Gone prunes the runtime; a daemon that is the second one of its id takes an id of its own and prunes all; otherwise
   * the runtime's work is picked up, which takes no time here.
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

      /** What the daemon had until it took an id of its own is the other machine's. */
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
