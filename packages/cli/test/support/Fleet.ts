import { Clis, DaemonStatus, Dial, layerDaemonCore, layerIntervals, layerServerAccess, ServerApi } from "@muster/daemon"
import { Conditions } from "@muster/kit"
import { Context, Effect, Layer, Queue, Redacted, Scope, Stream } from "effect"

/** Short enough that a fleet detects and repairs everything within a second or two. */
const intervals = {
  beat: 1_000,
  refused: 1_000,
  sync: 2_000,
  call: 5_000,
  listCall: 5_000,
  // A workspace may begin 5 registrations a minute: few of them may fall into the time that a server needs to start.
  registerAgain: { first: 2_000, max: 2_000 },
  redial: { first: 100, max: 1_000 },
  healthy: 1_000
}

/** Checking a whole fleet takes longer than a frame. */
const newsEach = 25

const cli = (provider: string) => ({ provider, version: "1.0.0", path: `/bin/${provider}` })

/** A machine on which these CLIs are installed. */
const layerMachine = (providers: ReadonlyArray<string>) =>
  Layer.succeed(Clis, {
    look: Stream.make({ found: providers.map(cli), skipped: [], complete: true }),
    version: ({ version }) => Effect.succeed(version),
    listModels: () => Effect.succeed({ models: [], source: "live" })
  })

/**
 * This number of daemons in this process, each with these CLIs, over real HTTP and real sockets. They end with the
 * scope. It counts what the daemons see.
 */
export const startFleet = Effect.fnUntraced(function*(input: {
  readonly size: number
  readonly providers: ReadonlyArray<string>
  readonly serverUrl: string
  readonly token: string
  /** For the daemons' own files. */
  readonly folder: string
  /** Between two beats of a daemon, in ms. */
  readonly beat?: number
}) {
  /** Every id that a registration of this daemon returned, in order, and the number of registrations. */
  const ids = new Map<number, Set<string>>()
  let registrations = 0
  let frames = 0
  const dials: Array<number> = []
  const dialed = Effect.sync(() => void dials.push(performance.now()))
  const news = yield* Queue.sliding<void>(1)

  const layerCounted = (daemon: number) =>
    Layer.effectContext(Effect.gen(function*() {
      const dial = yield* Dial
      const server = yield* ServerApi
      const own = new Set<string>()
      ids.set(daemon, own)
      const counted = Dial.of({
        dial: (runtimes) =>
          Effect.map(Effect.andThen(dialed, dial.dial(runtimes)), (connection) => ({
            ...connection,
            frames: Effect.tap(connection.frames, (heard) =>
              Effect.sync(() => {
                const before = Math.floor(frames / newsEach)
                frames += heard.length
                if (Math.floor(frames / newsEach) > before) Queue.offerUnsafe(news, undefined)
              }))
          }))
      })
      const register: typeof server.register = (workspace, clis) =>
        Effect.tap(server.register(workspace, clis), (rows) =>
          Effect.sync(() => {
            registrations++
            for (const { id } of rows) own.add(id)
            Queue.offerUnsafe(news, undefined)
          }))
      return Context.make(Dial, counted).pipe(Context.add(ServerApi, { ...server, register }))
    }))

  const start = Effect.fnUntraced(function*(daemon: number) {
    const options = {
      serverUrl: input.serverUrl,
      token: Redacted.make(input.token),
      dataDir: `${input.folder}/${daemon}`,
      deviceName: `box-${daemon}`,
      clientVersion: "0.1.0",
      intervals: { ...intervals, beat: input.beat ?? intervals.beat }
    }
    const layer = layerDaemonCore.pipe(
      Layer.provide(layerCounted(daemon)),
      Layer.provide([layerServerAccess(options), layerMachine(input.providers)]),
      Layer.provide([Conditions.layer, layerIntervals(options)])
    )
    // Each with layers of its own: daemons share nothing.
    const context = yield* Layer.buildWithMemoMap(layer, yield* Layer.makeMemoMap, yield* Effect.scope)
    return yield* Effect.provide(Effect.flatMap(DaemonStatus, Effect.succeed), context)
  })

  const scope = yield* Effect.scope
  const daemons = yield* Effect.forEach(
    Array.from({ length: input.size }, (_, daemon) => daemon),
    (daemon) => Scope.provide(start(daemon), scope),
    { concurrency: 10 }
  )
  const snapshots = Effect.forEach(daemons, ({ snapshot }) => snapshot)

  return {
    snapshots,
    ids: ids as ReadonlyMap<number, ReadonlySet<string>>,
    registrations: () => registrations,
    frames: () => frames,
    /** When each attempt to open a socket began, in ms of `performance.now`. */
    dials: dials as ReadonlyArray<number>,
    /** Waits until this is true; it is checked with each registration and some frames that arrive. */
    until: (holds: Effect.Effect<boolean>) =>
      Effect.repeat(holds, {
        until: (yes) => yes ? Effect.succeed(true) : Effect.as(Queue.take(news), false)
      })
  }
})
