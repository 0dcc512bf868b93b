import { DaemonSocket } from "@muster/domain"
import { Effect, Layer, Option } from "effect"
import { DaemonMetrics } from "../metrics/DaemonMetrics.ts"
import { Dial } from "./Dial.ts"

/** Wraps `Dial`: counts sockets and the acks over them. */
export const layerObservedDial = Layer.effect(
  Dial,
  Effect.gen(function*() {
    const { dial } = yield* Dial
    const { socketBeats, socketDials } = yield* DaemonMetrics

    const count = (frame: string | Uint8Array) => {
      const read = typeof frame === "string" ? DaemonSocket.readServerFrame(frame) : Option.none()
      if (Option.isNone(read) || read.value.type !== "ack") return
      if (read.value.gone) socketBeats.gone()
      else socketBeats.ok()
    }

    return Dial.of({
      dial: (ids) =>
        dial(ids).pipe(
          Effect.tapError(({ status }) =>
            Effect.sync(() => status === null ? socketDials.failed() : socketDials.refused())
          ),
          Effect.map((connection) => {
            socketDials.opened()
            return {
              ...connection,
              frames: Effect.tap(connection.frames, (all) => Effect.sync(() => all.forEach(count)))
            }
          })
        )
    })
  })
)
