import type { RuntimeId, Transport } from "@muster/domain"
import { Context, Effect, Layer } from "effect"
import { PickUp } from "../request/PickUp.ts"
import { RuntimeSet } from "../runtime/RuntimeSet.ts"
import type { BeatReply } from "../server/ServerApi.ts"

/** What an ack makes the daemon do, over whichever transport it came. */
export class Acks extends Context.Service<Acks, {
  /** Gone prunes the runtime; otherwise its work is picked up, which takes no time here. */
  readonly receive: (id: RuntimeId, ack: BeatReply, via: Transport) => Effect.Effect<void>
}>()("@muster/daemon/beat/Acks") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const set = yield* RuntimeSet
      const pickUp = yield* PickUp
      return {
        receive: (id, ack, via) => ack.gone ? set.gone(id) : pickUp.accept(id, ack.fields, via)
      }
    })
  )
}
