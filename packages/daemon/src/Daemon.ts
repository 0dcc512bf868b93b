import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Conditions, layerTraces } from "@muster/kit"
import { Effect, Layer, Option, type Redacted, Ref } from "effect"
import { HttpClient, type HttpClientRequest } from "effect/http"
import { Acks } from "./beat/Acks.ts"
import { layerBeatLoop } from "./beat/BeatLoop.ts"
import { layerDial } from "./beat/Dial.ts"
import { layerObservedDial } from "./beat/ObservedDial.ts"
import { SocketLiveness } from "./beat/SocketLiveness.ts"
import { SocketLoop } from "./beat/SocketLoop.ts"
import { BeatInterval } from "./client/BeatInterval.ts"
import { layerHttpServerApi } from "./client/HttpServerApi.ts"
import { ServerClock } from "./client/ServerClock.ts"
import { SleepWatch } from "./clock/SleepWatch.ts"
import { cliNotes, DaemonStatus } from "./DaemonStatus.ts"
import { layerDeregistration } from "./Deregistration.ts"
import { Identity, type IdentityOptions } from "./identity/Identity.ts"
import type { MachineFile } from "./identity/MachineFile.ts"
import { type DaemonIntervals, defaultIntervals, Intervals } from "./Intervals.ts"
import { layerHandlers } from "./layerHandlers.ts"
import { LocalApi, type LocalApiOptions } from "./local/LocalApi.ts"
import { lockProfile } from "./local/ProfileLock.ts"
import { StatusBoard } from "./local/StatusBoard.ts"
import { CredentialKind, credentialStatus, kindOf, tellHowToJoin } from "./machine/CredentialStatus.ts"
import { layerMachineAccess } from "./machine/layerMachineAccess.ts"
import { layerRenewal } from "./machine/Renewal.ts"
import { layerMachineClisIn } from "./MachineClis.ts"
import { layerDaemonMetrics } from "./metrics/DaemonMetrics.ts"
import { layerObservedServer } from "./metrics/ObservedServer.ts"
import { AllowedRepositories } from "./repository/AllowedRepositories.ts"
import { Outbox } from "./request/Outbox.ts"
import { PickUp } from "./request/PickUp.ts"
import { layerReportFolder } from "./request/ReportFolder.ts"
import { ReportShelf } from "./request/ReportShelf.ts"
import { CliWatch } from "./runtime/CliWatch.ts"
import { Registrar } from "./runtime/Registrar.ts"
import { RuntimeSet } from "./runtime/RuntimeSet.ts"
import { runtimesOf } from "./runtime/RuntimeState.ts"
import { layerTaskHints } from "./runtime/TaskHints.ts"
import { WorkspaceSync } from "./runtime/WorkspaceSync.ts"
import { layerAttemptFolder } from "./task/AttemptStore.ts"
import { layerTaskSettings } from "./task/TaskSettings.ts"
import { TaskWorker } from "./task/TaskWorker.ts"

export interface DaemonOptions extends IdentityOptions, LocalApiOptions {
  /** `http://…`, `https://…`, or with `ws` in place of `http`. */
  readonly serverUrl: string
  /** Of a person or a daemon; not used where there is a `machine`. */
  readonly token: Redacted.Redacted
  /** The credential of this machine, if it joined the server. */
  readonly machine?: MachineFile
  /** With what the machine joins again when the server has removed it. */
  readonly joinKey?: Redacted.Redacted
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
    const outbox = yield* Outbox
    const clock = yield* ServerClock
    const worker = yield* TaskWorker
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
          runtimes: yield* Effect.forEach(
            runtimesOf(state),
            ({ id, name, provider, version, workspaceId }) =>
              Effect.map(clock.lastBeat(id), (at) => ({
                id,
                workspaceId,
                provider,
                name,
                version,
                path: state.clis.get(provider)?.path ?? "",
                lastBeatAt: Option.getOrNull(at)
              }))
          ),
          clis: [...state.clis.values()].map((cli) => ({
            provider: cli.provider,
            version: cli.version,
            notes: cliNotes(cli)
          })),
          workspaces: [...state.workspaces.values()].map(({ id, name }) => ({ id, name })),
          skipped: state.skipped,
          socket: (yield* socket.isConnected) ? "connected" : "disconnected",
          credential: yield* credentialStatus,
          outbox: yield* outbox.depth,
          tasks: yield* worker.tasks,
          clockSkew: Option.getOrNull(yield* clock.skew)
        }
      })
    }
  })
)

/** Sends the reports of an earlier process before any new one. */
const layerReplay = Layer.effectDiscard(Effect.flatMap(Outbox, ({ replayed }) => replayed))

/** The loops, over the deregistration: they end before it is sent. */
const layerLoops = <E, R>(tasks: Layer.Layer<TaskWorker, E, R>) =>
  Layer.mergeAll(layerBeatLoop, layerStatus).pipe(
    Layer.provide(tasks),
    Layer.provide([SocketLoop.layer, WorkspaceSync.layer, CliWatch.layer, Registrar.layer]),
    Layer.provide(layerTaskHints),
    Layer.provide([Acks.layer, SocketLiveness.layer]),
    Layer.provide(BeatInterval.layer),
    Layer.provide(PickUp.layer),
    Layer.provide(layerHandlers),
    Layer.provide(layerReplay),
    Layer.provide(Outbox.layer),
    Layer.provide(layerDeregistration),
    Layer.provide([RuntimeSet.layer, AllowedRepositories.layer]),
    Layer.provide([layerObservedServer, layerObservedDial]),
    Layer.provide(ServerClock.layer),
    Layer.provide(SleepWatch.layer)
  )

/**
 * A daemon over the given machine (`Clis`), server (`ServerApi`) and socket (`Dial`). It stores nothing and takes no tasks:
 * for tests and simulations.
 */
export const layerDaemonCore = layerLoops(TaskWorker.layerNone).pipe(Layer.provide(ReportShelf.layerMemory))

/** The access to the server in `options`. */
export const layerServerAccess = (options: DaemonOptions) =>
  Layer.mergeAll(layerHttpServerApi(options), layerDial(options)).pipe(
    Layer.provide(Identity.layer(options)),
    Layer.provide(NodeFileSystem.layer)
  )

/** The intervals that `options` ask for. */
export const layerIntervals = (options: Pick<DaemonOptions, "intervals">) =>
  Layer.succeed(Intervals, { ...defaultIntervals, ...options.intervals })

const layerCredential = ({ joinKey, machine, token, ...options }: DaemonOptions) =>
  machine === undefined
    ? Layer.succeed(CredentialKind, kindOf(token))
    : Layer.merge(
      Layer.succeed(CredentialKind, "machine"),
      layerMachineAccess(machine, { ...options, secret: joinKey })
    )

const layerTasks = (options: DaemonOptions) =>
  TaskWorker.layer.pipe(Layer.provide([layerAttemptFolder(options), layerTaskSettings(options)]))

/** Locks the profile before anything in it is read or written. */
const layerLock = (options: DaemonOptions) => Layer.effectDiscard(lockProfile(options.dataDir))

const layerShown = Layer.effectDiscard(Effect.gen(function*() {
  yield* (yield* StatusBoard).show((yield* DaemonStatus).snapshot)
}))

/** Only calls that report a result have spans. */
const isUntraced = ({ url }: HttpClientRequest.HttpClientRequest) => !url.endsWith("/result")

/** The whole daemon, as `layerDaemon`, over the given machine (`Clis`). */
export const layerDaemonOver = (options: DaemonOptions) =>
  Layer.mergeAll(layerShown, layerRenewal, Layer.effectDiscard(tellHowToJoin)).pipe(
    Layer.provideMerge(layerLoops(layerTasks(options))),
    Layer.provide(layerReportFolder(options)),
    Layer.provide(Layer.mergeAll(layerHttpServerApi(options), layerDial(options))),
    Layer.provideMerge(LocalApi.layer(options)),
    Layer.provideMerge(StatusBoard.layer),
    Layer.provide(layerCredential(options)),
    Layer.provide(Identity.layer(options)),
    Layer.provide(layerLock(options)),
    Layer.provide(NodeFileSystem.layer),
    Layer.provide([Conditions.layer, layerIntervals(options), layerDaemonMetrics, layerTraces("muster-daemon")]),
    Layer.provide(Layer.succeed(HttpClient.TracerDisabledWhen, isUntraced))
  )

/**
 * The whole daemon: it registers the machine's agent CLIs in each workspace of its token, keeps them alive and answers
 * requests for them, until its scope ends; then it deregisters them, within 3 s. It starts whether or not the server
 * can be reached, and retries. It fails to start only where a retry cannot help: `BadServerUrl`,
 * `IdentityUnavailable` for a data folder that cannot be used, `AlreadyRuns` for one that another daemon uses, and
 * `LocalPortTaken` for a local port that was asked for and cannot be had.
 */
export const layerDaemon = (options: DaemonOptions) =>
  Layer.provide(layerDaemonOver(options), layerMachineClisIn(options.dataDir))
