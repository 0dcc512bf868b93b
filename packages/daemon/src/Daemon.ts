import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Effect, Layer, type Redacted, Ref } from "effect"
import { Acks } from "./beat/Acks.ts"
import { layerBeatLoop } from "./beat/BeatLoop.ts"
import { layerDial } from "./beat/Dial.ts"
import { Freshness } from "./beat/Freshness.ts"
import { SocketLoop } from "./beat/SocketLoop.ts"
import { Conditions } from "./condition/Conditions.ts"
import { DaemonStatus } from "./DaemonStatus.ts"
import { layerGoodbye } from "./Goodbye.ts"
import { Identity, type IdentityOptions } from "./identity/Identity.ts"
import { type DaemonIntervals, defaultIntervals, Intervals } from "./Intervals.ts"
import { layerHandlers } from "./request/layerHandlers.ts"
import { Outbox } from "./request/Outbox.ts"
import { PickUp } from "./request/PickUp.ts"
import { layerReportFolder } from "./request/ReportFolder.ts"
import { ReportShelf } from "./request/ReportShelf.ts"
import { CliWatch } from "./runtime/CliWatch.ts"
import { layerMachineClis } from "./runtime/MachineClis.ts"
import { Registrar } from "./runtime/Registrar.ts"
import { RuntimeSet } from "./runtime/RuntimeSet.ts"
import { runtimesOf } from "./runtime/RuntimeState.ts"
import { WorkspaceSync } from "./runtime/WorkspaceSync.ts"
import { layerHttpServerApi } from "./server/HttpServerApi.ts"
import { ServerReach } from "./server/ServerReach.ts"

export interface DaemonOptions extends IdentityOptions {
  /** `http://…`, `https://…`, or with `ws` in place of `http`. */
  readonly serverUrl: string
  readonly token: Redacted.Redacted
  /** Those that differ from the defaults; all in ms. */
  readonly intervals?: Partial<DaemonIntervals>
}

const layerStatus = Layer.effect(
  DaemonStatus,
  Effect.gen(function*() {
    const set = yield* RuntimeSet
    const conditions = yield* Conditions
    const socket = yield* SocketLoop
    const sync = yield* WorkspaceSync
    const watch = yield* CliWatch
    const registrar = yield* Registrar
    const ready = yield* Ref.make(false)
    const awaitReady = Effect.all([sync.firstAttempt, watch.firstLook], { concurrency: "unbounded" }).pipe(
      Effect.andThen(registrar.firstAttempts),
      Effect.andThen(Ref.set(ready, true))
    )
    yield* Effect.forkScoped(awaitReady)

    return {
      awaitReady,
      snapshot: Effect.gen(function*() {
        const state = yield* set.state
        return {
          state: (yield* Ref.get(ready)) ? "running" : "starting",
          problem: yield* conditions.worst,
          runtimes: runtimesOf(state).map(({ id, name, provider, version, workspaceId }) => ({
            id,
            workspaceId,
            provider,
            name,
            version,
            path: state.clis.get(provider)?.path ?? ""
          })),
          skipped: state.skipped,
          socket: (yield* socket.isConnected) ? "connected" : "disconnected"
        }
      })
    }
  })
)

/** What an earlier process left is sent before there is anything new. */
const layerReplay = Layer.effectDiscard(Effect.flatMap(Outbox, ({ replayed }) => replayed))

/** The loops, on top of the goodbye: they end before it is said. */
const layerLoops = Layer.mergeAll(layerBeatLoop, layerStatus).pipe(
  Layer.provide([SocketLoop.layer, WorkspaceSync.layer, CliWatch.layer, Registrar.layer]),
  Layer.provide([Acks.layer, Freshness.layer]),
  Layer.provide(PickUp.layer),
  Layer.provide(layerHandlers),
  Layer.provide(layerReplay),
  Layer.provide(Outbox.layer),
  Layer.provide(layerGoodbye),
  Layer.provide(RuntimeSet.layer),
  Layer.provide(ServerReach.layer)
)

/**
 * A daemon over the given machine (`Clis`), server (`ServerApi`) and socket (`Dial`), which keeps nothing: for tests and
 * simulations.
 */
export const layerDaemonCore = layerLoops.pipe(Layer.provide(ReportShelf.layerMemory))

/** The way to the server that `options` name. */
export const layerServerAccess = (options: DaemonOptions) =>
  Layer.mergeAll(layerHttpServerApi(options), layerDial(options)).pipe(
    Layer.provide(Identity.layer(options)),
    Layer.provide([NodeHttpClient.layerUndici, NodeFileSystem.layer])
  )

/** The intervals that `options` ask for. */
export const layerIntervals = (options: Pick<DaemonOptions, "intervals">) =>
  Layer.succeed(Intervals, { ...defaultIntervals, ...options.intervals })

/** The whole daemon, as `layerDaemon`, over the given machine (`Clis`). */
export const layerDaemonOver = (options: DaemonOptions) =>
  layerLoops.pipe(
    Layer.provide(layerReportFolder(options)),
    Layer.provide(Layer.mergeAll(layerHttpServerApi(options), layerDial(options))),
    Layer.provide(Identity.layer(options)),
    Layer.provide([NodeHttpClient.layerUndici, NodeFileSystem.layer]),
    Layer.provide([Conditions.layer, layerIntervals(options)])
  )

/**
 * The whole daemon: it registers the machine's agent CLIs in each workspace of its token, keeps them alive and answers
 * what is asked of them, until its scope ends; then it says goodbye, within 5 s. It starts whether or not the server
 * can be reached, and goes on trying. It fails to start only where trying on is of no use: `BadServerUrl`, and
 * `IdentityUnavailable` for a data folder that cannot be used.
 */
export const layerDaemon = (options: DaemonOptions) => Layer.provide(layerDaemonOver(options), layerMachineClis)
