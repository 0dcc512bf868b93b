import {
  Clis,
  type DaemonSnapshot,
  DaemonStatus,
  Dial,
  layerDaemonCore,
  layerIntervals,
  layerServerAccess,
  ServerApi
} from "@muster/daemon"
import { DaemonSocket, PacingFields } from "@muster/domain"
import { Conditions } from "@muster/kit"
import { Context, Effect, Layer, Option, Redacted, Stream } from "effect"

const found = {
  found: [{ provider: "opencode", version: "1.0.0", path: "/bin/opencode" }],
  skipped: [],
  complete: true
}

/** A machine with one agent CLI. */
const layerMachine = Layer.succeed(Clis, {
  look: Stream.succeed(found),
  version: () => Effect.succeed("1.0.0"),
  listModels: () => Effect.succeed({ models: [], source: "live" })
})

/** The state of one daemon's socket. */
export interface Seen {
  /** When its latest connection received its first ack, in ms of `performance.now`; null: none. */
  since: number | null
  /** The window that the server sent last, in ms. */
  window: number
  /** The daemon's state, in a few words. */
  readonly told: Effect.Effect<string>
}

/** The errors of the whole fleet. */
interface Met {
  /** Beats that the server refused: an error over HTTP, or gone over the socket. */
  rejectedBeats: number
  /** Upgrades that the server refused. */
  refusedDials: number
  /** Connections that failed, or had no answer. */
  failedDials: number
  /** Why connections ended or failed, and how often. */
  readonly reasons: Map<string, number>
}

/**
 * This number of whole daemons in this process, with one runtime each, over real HTTP and real sockets, with their own
 * rules and intervals. They end with the scope.
 */
export const startStormFleet = Effect.fnUntraced(function*(input: {
  readonly size: number
  readonly serverUrl: string
  readonly token: string
  readonly folder: string
}) {
  const met: Met = { rejectedBeats: 0, refusedDials: 0, failedDials: 0, reasons: new Map() }

  const layerWatched = (seen: Seen) => {
    const onFrame = (frame: string | Uint8Array) => {
      const read = typeof frame === "string" ? DaemonSocket.readServerFrame(frame) : Option.none()
      if (Option.isNone(read) || read.value.type !== "ack") return
      if (read.value.gone) met.rejectedBeats++
      seen.since ??= performance.now()
      seen.window = PacingFields.read(read.value.fields).window ?? 0
    }
    return Layer.effectContext(Effect.gen(function*() {
      const { dial } = yield* Dial
      const server = yield* ServerApi
      return Context.make(Dial, {
        dial: (ids) =>
          dial(ids).pipe(
            Effect.tapError(({ reason, status }) =>
              Effect.sync(() => {
                met.reasons.set(reason, (met.reasons.get(reason) ?? 0) + 1)
                return status === null ? met.failedDials++ : met.refusedDials++
              })
            ),
            Effect.tap(() => Effect.addFinalizer(() => Effect.sync(() => void (seen.since = null)))),
            Effect.map((connection) => ({
              ...connection,
              frames: Effect.tap(connection.frames, (frames) => Effect.sync(() => frames.forEach(onFrame)))
            }))
          )
      }).pipe(Context.add(ServerApi, {
        ...server,
        heartbeat: (id) =>
          Effect.tapError(
            server.heartbeat(id),
            (error) =>
              Effect.sync(() => error._tag === "Unreachable" && error.status === null ? 0 : met.rejectedBeats++)
          )
      }))
    }))
  }

  const start = Effect.fnUntraced(function*(daemon: number) {
    let snapshot: Effect.Effect<DaemonSnapshot> = Effect.never
    const told = Effect.suspend(() => snapshot).pipe(
      Effect.map(({ problem, runtimes, socket }) => `${socket}, ${runtimes.length} runtimes: ${problem}`)
    )
    const seen: Seen = { since: null, window: 0, told }
    const options = {
      serverUrl: input.serverUrl,
      token: Redacted.make(input.token),
      dataDir: `${input.folder}/${daemon}`,
      deviceName: `storm-${daemon}`,
      clientVersion: "0.1.0"
    }
    const layer = layerDaemonCore.pipe(
      Layer.provide(layerWatched(seen)),
      Layer.provide([layerServerAccess(options), layerMachine]),
      Layer.provide([Conditions.layer, layerIntervals({})])
    )
    const context = yield* Layer.buildWithMemoMap(layer, yield* Layer.makeMemoMap, yield* Effect.scope)
    const status = Context.get(context, DaemonStatus)
    snapshot = status.snapshot
    yield* status.awaitReady
    return seen
  })

  const daemons = yield* Effect.forEach(Array.from({ length: input.size }, (_, i) => i), start, { concurrency: 16 })
  return { daemons: daemons as ReadonlyArray<Seen>, met }
})
