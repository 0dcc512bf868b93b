import { Api, type Identity, Security, Wake, WireError } from "@muster/domain"
import { Duration, Effect, Queue, Stream } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import * as HttpEffect from "effect/http/HttpEffect"
import { MemberWatch } from "../access/MemberWatch.ts"
import { TokenWatch } from "../access/TokenWatch.ts"
import { ServerMetrics } from "../metrics/ServerMetrics.ts"
import { Draining } from "../socket/Draining.ts"
import { makeShares } from "./Shares.ts"

/** How many streams one replica keeps open: for one person, for one workspace, and in total. */
const maxStreams = { person: 50, workspace: 500, all: 1_000 }

/** Returns the bounds that a stream counts against, with the error of each. */
const sharesOf = (userId: Identity.UserId, workspaceId: Identity.WorkspaceId) =>
  [
    {
      bound: "person_streams",
      key: userId,
      max: maxStreams.person,
      refusal: WireError.tooMany(
        `${maxStreams.person} of your pages listen to this server, which is the maximum: close some of them`
      )
    },
    {
      bound: "workspace_streams",
      key: `workspace ${workspaceId}`,
      max: maxStreams.workspace,
      refusal: WireError.tooMany(
        `${maxStreams.workspace} pages listen to this workspace, which is the maximum: close some of them`
      )
    },
    { bound: "replica_streams", key: "all", max: maxStreams.all, refusal: WireError.tooManyStreams(maxStreams.all) }
  ] as const

/** Wakes within this time make one event: a registration of 50 runtimes must not cause 50 reads by each page. */
const together = Duration.millis(150)

/** A stream ends after this time, so that the client authenticates again when it reconnects. */
const lifetime = Duration.minutes(10)

const hello: Api.WorkspaceEvent = { type: "hello" }
const changed: Api.WorkspaceEvent = { type: "changed" }
const idle: Api.WorkspaceEvent = { type: "idle" }

const unbuffered = HttpEffect.appendPreResponseHandler((_, response) =>
  Effect.succeed(HttpServerResponse.setHeaders(response, { "cache-control": "no-store", "x-accel-buffering": "no" }))
)

const next = (wakes: Queue.Dequeue<unknown>) =>
  Queue.take(wakes).pipe(
    Effect.andThen(Effect.sleep(together)),
    Effect.andThen(Queue.clear(wakes)),
    Effect.as(changed),
    Effect.timeoutOrElse({ duration: Duration.millis(Api.eventSilence), orElse: () => Effect.succeed(idle) })
  )

/** The event stream that notifies console pages of a possible change in their workspace, by `Wake`. */
export const layerEventRoutes = HttpApiBuilder.group(
  Api.MusterApi,
  "events",
  Effect.fn(function*(handlers) {
    const wake = yield* Wake.Wake
    const draining = yield* Draining
    const tokens = yield* TokenWatch
    const members = yield* MemberWatch
    const { bounds, meter } = yield* ServerMetrics
    const open = makeShares()
    meter.gauge("muster_event_streams_open", "Pages that listen to this replica", () => open.count("all"))

    return handlers.handleAll({
      watch: Effect.fnUntraced(function*() {
        const { workspace } = yield* Security.CurrentWorkspace
        const { tokenHash, userId } = yield* Security.Caller
        const shares = sharesOf(userId, workspace.id)
        const full = open.full(shares)
        if (full !== undefined) {
          bounds[full.bound]()
          return yield* full.refusal
        }
        if (draining.begun()) return yield* WireError.stopping()
        yield* unbuffered
        const listening = Effect.gen(function*() {
          yield* open.take(shares)
          const wakes = yield* wake.subscribe([Wake.topic.workspace(workspace.id)])
          return Stream.concat(Stream.succeed(hello), Stream.fromEffectRepeat(next(wakes)))
        })
        return Stream.unwrap(listening).pipe(
          Stream.interruptWhen(Effect.timeoutOption(
            Effect.raceAllFirst([
              draining.await,
              tokens.end(tokenHash),
              members.end({ userId, workspaceId: workspace.id })
            ]),
            lifetime
          ))
        )
      })
    })
  })
)
