import { Effect, FileSystem, Option } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { Failure } from "../failure/Failure.ts"
import { folder } from "../profile/Home.ts"
import { serviceFor } from "./InstallDaemon.ts"
import { findDaemon } from "./LocalDaemon.ts"
import type { DaemonFlags } from "./OwnProgram.ts"
import { serviceManager } from "./ServiceManager.ts"
import { awaitHealth, sayStarted, startInBackground } from "./StartDaemon.ts"
import { stopRunning, tasksTime } from "./StopDaemon.ts"

/** Returns the manager of the service that runs the daemon now; none: the daemon is not a service. */
const activeService = Effect.fnUntraced(function*(platform: string, dataDir: string, flags: DaemonFlags) {
  const files = yield* FileSystem.FileSystem
  const service = yield* Effect.option(serviceFor(platform, dataDir, flags))
  if (Option.isNone(service)) return Option.none()
  const { file } = service.value
  if (!(yield* Effect.orElseSucceed(files.exists(file), () => false))) return Option.none()
  const manager = serviceManager(platform, file)
  return (yield* manager.isActive) ? Option.some(manager) : Option.none()
})

const restartService = Effect.fnUntraced(function*(manager: ReturnType<typeof serviceManager>, dataDir: string) {
  const before = yield* findDaemon(dataDir)
  const pid = before._tag === "Running" ? before.health.pid : undefined
  if (before._tag === "Running") yield* tasksTime(before.health)
  const done = yield* manager.restart
  const health = done ? yield* awaitHealth(dataDir, (one) => one.pid !== pid) : Option.none()
  if (Option.isSome(health)) return health.value
  return yield* new Failure({
    class: "unanswered",
    code: "daemon_not_restarted",
    sentence: done ? "the service was restarted, and its daemon does not answer yet" : "the service did not restart",
    next: "see its log: muster daemon logs"
  })
})

/** `muster daemon restart`: restarts the service of the daemon, or stops the daemon and starts it in the background. */
export const restartDaemon = Effect.fnUntraced(function*(
  input: DaemonFlags & { readonly data: string; readonly json: boolean },
  platform: string = process.platform
) {
  const dataDir = yield* folder(input.data)
  const service = yield* activeService(platform, dataDir, input)
  if (Option.isSome(service)) {
    return yield* sayStarted(yield* restartService(service.value, dataDir), false, input.json)
  }
  yield* stopRunning(dataDir)
  const { health } = yield* startInBackground(dataDir, input)
  yield* sayStarted(health, false, input.json)
}, Effect.provide(FetchHttpClient.layer))
