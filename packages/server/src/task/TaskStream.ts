import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { Security, WireError } from "@muster/domain"
import { Clock, Duration, Effect, Option, Schedule, Stream } from "effect"
import { type HttpServerRequest, HttpServerResponse } from "effect/http"
import { MemberWatch } from "../access/MemberWatch.ts"
import { TokenWatch } from "../access/TokenWatch.ts"
import { makeShares } from "../events/Shares.ts"
import { ServerMetrics } from "../metrics/ServerMetrics.ts"
import { Draining } from "../socket/Draining.ts"
import type { Position } from "./FollowedTask.ts"
import { type Read, TaskFollowers } from "./TaskFollowers.ts"
import { makeTaskView } from "./TaskView.ts"

/** How many streams of tasks one replica keeps open: for one person, for one workspace, and in total. */
const maxStreams = { person: 100, workspace: 500, all: 1_000 }

/** A stream ends after this time, so that the client authenticates again when it reconnects. */
const lifetime = Duration.minutes(10)

/** A reader that accepts nothing for this time, in ms, is disconnected. */
const maxStall = 60_000

/** How many frames are written at once. */
const maxWritten = 16

const checkStallEvery = Duration.seconds(15)

const beat = new TextEncoder().encode(": beat\n\n")

/** Returns the bounds that a stream counts against, with the error of each. */
const sharesOf = (userId: string, workspaceId: string) =>
  [
    {
      bound: "person_streams",
      key: userId,
      max: maxStreams.person,
      refusal: WireError.tooMany(
        `you follow ${maxStreams.person} tasks on this server, which is the maximum: stop following some of them`
      )
    },
    {
      bound: "workspace_streams",
      key: `workspace ${workspaceId}`,
      max: maxStreams.workspace,
      refusal: WireError.tooMany(
        `${maxStreams.workspace} readers follow tasks of this workspace, which is the maximum: stop some of them`
      )
    },
    { bound: "replica_streams", key: "all", max: maxStreams.all, refusal: WireError.tooManyStreams(maxStreams.all) }
  ] as const

/** What one reader gets: frames that were read and not sent yet, then those after a position; undefined: no more. */
interface Ahead {
  readonly frames: ReadonlyArray<Uint8Array>
  readonly position: Position | undefined
}

/**
 * The frames of one reader: what it has not received, then what comes, until the end. At most `maxWritten` frames are in a
 * response's buffer, since each reader has a copy of those.
 */
const framesOf = (read: Read, from: number, stall: Stall) =>
  Stream.paginate(
    { frames: [], position: { after: from, version: "" } } as Ahead,
    Effect.fnUntraced(function*({ frames, position }) {
      stall.sentAt = null
      const ahead: Ahead = frames.length > 0 || position === undefined ? { frames, position } : yield* read(position)
      stall.sentAt = yield* Clock.currentTimeMillis
      const rest: Ahead = { frames: ahead.frames.slice(maxWritten), position: ahead.position }
      const written = ahead.frames.length === 0 ? [beat] : ahead.frames.slice(0, maxWritten)
      const isOver = rest.frames.length === 0 && rest.position === undefined
      return [written, isOver ? Option.none() : Option.some(rest)] as const
    })
  )

/** When the reader last got something that it has not accepted yet (epoch ms); null: it waits for more. */
interface Stall {
  sentAt: number | null
}

/** Disconnects a reader that accepts nothing. The response's own back-pressure waits for it without a limit. */
const cutStalled = (request: HttpServerRequest.HttpServerRequest, stall: Stall) =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    if (stall.sentAt !== null && now - stall.sentAt > maxStall) {
      NodeHttpServerRequest.toServerResponse(request).destroy()
    }
  }).pipe(Effect.schedule(Schedule.spaced(checkStallEvery)))

/** Returns the handler of the stream of a task. `from`: the offset after which events are sent. */
export const makeTaskStream = Effect.gen(function*() {
  const draining = yield* Draining
  const followers = yield* TaskFollowers
  const tokens = yield* TokenWatch
  const members = yield* MemberWatch
  const view = yield* makeTaskView
  const { bounds, meter } = yield* ServerMetrics
  const open = makeShares()
  meter.gauge("muster_task_streams_open", "Readers that follow a task on this replica", () => open.count("all"))

  return Effect.fnUntraced(function*(taskId: string, from: number, request: HttpServerRequest.HttpServerRequest) {
    const { workspace } = yield* Security.CurrentWorkspace
    const { tokenHash, userId } = yield* Security.Caller
    const { id } = yield* view.find(taskId)
    const shares = sharesOf(userId, workspace.id)
    const full = open.full(shares)
    if (full !== undefined) {
      bounds[full.bound]()
      return yield* full.refusal
    }
    if (draining.begun()) return yield* WireError.stopping()
    const stall: Stall = { sentAt: null }
    const following = Effect.gen(function*() {
      yield* open.take(shares)
      yield* Effect.forkScoped(cutStalled(request, stall))
      const read = yield* followers.follow(id)
      return Option.isNone(read) ? Stream.empty : framesOf(read.value, from, stall)
    })
    const over = Effect.raceAllFirst([
      draining.await,
      tokens.end(tokenHash),
      members.end({ userId, workspaceId: workspace.id })
    ])
    const frames = Stream.unwrap(following).pipe(
      // A store that is unavailable ends the stream: the reader comes back with the id of its last event.
      Stream.catch(() => Stream.empty),
      Stream.interruptWhen(Effect.timeoutOption(over, lifetime))
    )
    return HttpServerResponse.stream(frames, {
      contentType: "text/event-stream",
      headers: { "cache-control": "no-store", "x-accel-buffering": "no" }
    })
  })
})
