import {
  Caller,
  CurrentWorkspace,
  eventSilence,
  MusterApi,
  topic,
  Wake,
  wireError,
  type WorkspaceEvent
} from "@muster/domain"
import { Duration, Effect, Queue, Stream } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import * as HttpEffect from "effect/http/HttpEffect"
import { TokenWatch } from "../access/TokenWatch.ts"
import { Draining } from "../socket/Draining.ts"

/** Streams that this replica keeps open at once. */
const most = 1_000

/** Many hints within this time are one event, so that a registration of 50 runtimes is not 50 looks by each page. */
const together = Duration.millis(150)

/** A stream ends after this long, so that whoever reconnects is asked anew who they are. */
const lifetime = Duration.minutes(10)

const hello: WorkspaceEvent = { type: "hello" }
const changed: WorkspaceEvent = { type: "changed" }
const idle: WorkspaceEvent = { type: "idle" }

const unbuffered = HttpEffect.appendPreResponseHandler((_, response) =>
  Effect.succeed(HttpServerResponse.setHeaders(response, { "cache-control": "no-store", "x-accel-buffering": "no" }))
)

const next = (hints: Queue.Dequeue<unknown>) =>
  Queue.take(hints).pipe(
    Effect.andThen(Effect.sleep(together)),
    Effect.andThen(Queue.clear(hints)),
    Effect.as(changed),
    Effect.timeoutOrElse({ duration: Duration.millis(eventSilence), orElse: () => Effect.succeed(idle) })
  )

/** Tells pages that something of their workspace may have changed, as `Wake` hints it. */
export const layerEventRoutes = HttpApiBuilder.group(
  MusterApi,
  "events",
  Effect.fn(function*(handlers) {
    const wake = yield* Wake
    const draining = yield* Draining
    const tokens = yield* TokenWatch
    let open = 0

    const counted = Effect.acquireRelease(
      Effect.sync(() => void open++),
      () => Effect.sync(() => void open--)
    )

    return handlers.handleAll({
      watch: Effect.fnUntraced(function*() {
        const { workspace } = yield* CurrentWorkspace
        const { tokenHash } = yield* Caller
        if (open >= most) return yield* wireError.tooManyStreams()
        if (draining.begun()) return yield* wireError.stopping()
        yield* unbuffered
        const listening = Effect.gen(function*() {
          yield* counted
          const hints = yield* wake.subscribe([topic.workspace(workspace.id)])
          return Stream.concat(Stream.succeed(hello), Stream.fromEffectRepeat(next(hints)))
        })
        return Stream.unwrap(listening).pipe(
          Stream.interruptWhen(Effect.timeoutOption(Effect.raceFirst(draining.await, tokens.end(tokenHash)), lifetime))
        )
      })
    })
  })
)
