import type { Runtime } from "@muster/domain"
import { Conditions } from "@muster/kit"
import { Clock, Effect, Layer } from "effect"
import { Acks } from "../../src/beat/Acks.ts"
import { SocketLiveness } from "../../src/beat/SocketLiveness.ts"
import { SocketLoop } from "../../src/beat/SocketLoop.ts"
import { BeatInterval } from "../../src/client/BeatInterval.ts"
import type { BeatReply } from "../../src/client/ServerApi.ts"
import { ServerClock } from "../../src/client/ServerClock.ts"
import { SleepWatch } from "../../src/clock/SleepWatch.ts"
import { WallClock } from "../../src/clock/WallClock.ts"
import { registrationOf } from "../../src/runtime/Registration.ts"
import { RuntimeSet } from "../../src/runtime/RuntimeSet.ts"
import { found, ids, listed, W1 } from "../runtime/harness.ts"
import { FakeDial } from "../support/FakeDial.ts"
import { FakeServer } from "../support/FakeServer.ts"

interface Parts {
  readonly dial: FakeDial
  readonly set: RuntimeSet["Service"]
  readonly liveness: SocketLiveness["Service"]
  readonly clock: ServerClock["Service"]
  /** By how many ms the calendar is ahead of the monotonic clock. */
  readonly calendar: { ahead: number }
  readonly conditions: Conditions["Service"]
  readonly socket: SocketLoop["Service"]
  readonly received: ReadonlyArray<readonly [Runtime.RuntimeId, BeatReply]>
  /** Makes these the machine's CLIs, registered. */
  readonly have: (...providers: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<Runtime.RuntimeId>>
}

export const withSocket = <A, E>(test: (parts: Parts) => Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    const dial = yield* FakeDial.make
    const server = yield* FakeServer.make
    const received: Array<readonly [Runtime.RuntimeId, BeatReply]> = []
    const acks = Layer.succeed(Acks, { receive: (id, ack) => Effect.sync(() => void received.push([id, ack])) })
    const calendar = { ahead: 0 }
    const layer = SocketLoop.layer.pipe(
      Layer.provideMerge([RuntimeSet.layer, SocketLiveness.layer]),
      Layer.provideMerge([BeatInterval.layer, ServerClock.layer]),
      Layer.provide(SleepWatch.layer),
      Layer.provide([acks, dial.layer]),
      Layer.provideMerge(Conditions.layer),
      Layer.provide(Layer.succeed(WallClock, Effect.map(Clock.currentTimeMillis, (now) => now + calendar.ahead)))
    )
    return yield* Effect.gen(function*() {
      const set = yield* RuntimeSet
      const have = Effect.fnUntraced(function*(...providers: ReadonlyArray<string>) {
        yield* set.setClis(found(...providers))
        yield* set.setWorkspaces(listed(W1))
        const request = registrationOf(yield* set.state, W1)!
        yield* set.reply(request, yield* Effect.orDie(server.api.register(W1, request.clis)))
        return ids(yield* set.state)
      })
      return yield* test({
        dial,
        set,
        have,
        received,
        calendar,
        clock: yield* ServerClock,
        conditions: yield* Conditions,
        liveness: yield* SocketLiveness,
        socket: yield* SocketLoop
      })
    }).pipe(Effect.provide(layer))
  })
