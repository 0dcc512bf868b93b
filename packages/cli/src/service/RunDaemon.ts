import { DaemonStatus, layerDaemon, StatusBoard, Updater } from "@muster/daemon"
import { Console, Effect, Layer, Option } from "effect"
import { folder } from "../profile/Home.ts"
import { version } from "../Version.ts"
import { announceAgents, announceJson } from "./Announce.ts"
import { accessOrJoin, givenJoinKey } from "./JoinByKey.ts"
import { live, StopTimeout } from "./Lifetime.ts"
import { ownUpdater } from "./OwnUpdater.ts"
import { restart } from "./Restart.ts"
import { orStartFailure } from "./StartFailure.ts"
import { notifySupervisor } from "./Supervisor.ts"

/** `muster daemon`: runs this machine's daemon in the foreground. */
export const runDaemon = Effect.fnUntraced(function*(input: {
  readonly data: string
  readonly name: Option.Option<string>
  readonly localPort: Option.Option<number>
  readonly drainTasks: Option.Option<number>
  readonly json: boolean
}) {
  const dataDir = yield* folder(input.data)
  const name = Option.getOrUndefined(input.name)
  const joinKey = Option.getOrUndefined(yield* givenJoinKey)
  const { machine, token, url } = yield* accessOrJoin(dataDir, name, joinKey)
  const localPort = Option.getOrUndefined(input.localPort)
  const drainTasks = Option.getOrElse(input.drainTasks, () => 0)
  const daemon = layerDaemon({
    serverUrl: url,
    token,
    dataDir,
    clientVersion: version,
    drainTasks,
    ...(machine === undefined ? {} : { machine }),
    ...(joinKey === undefined ? {} : { joinKey }),
    ...(name === undefined ? {} : { deviceName: name }),
    ...(localPort === undefined ? {} : { localPort })
  })
  const { isRestartWanted, restartWanted, updater } = yield* ownUpdater
  yield* live(
    orStartFailure(Layer.provide(daemon, Layer.succeed(Updater, updater))),
    Effect.gen(function*() {
      const status = yield* DaemonStatus
      yield* Effect.forkChild(notifySupervisor(status))
      if (input.json) return yield* announceJson({ server_url: url }, Option.some(status))
      yield* Console.log(`Muster's daemon is running; server: ${url}`)
      yield* announceAgents(status)
    }),
    Effect.flatMap(StatusBoard, ({ stopAsked }) => Effect.raceFirst(stopAsked, restartWanted))
  ).pipe(Effect.provideService(StopTimeout, (yield* StopTimeout) + drainTasks * 1_000))
  if (yield* isRestartWanted) yield* restart
})
