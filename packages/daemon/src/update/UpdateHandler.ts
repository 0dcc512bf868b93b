import { Kinds } from "@muster/domain"
import { Deferred, Effect, FiberSet, Schema } from "effect"
import { type Handler, RequestFailed } from "../request/Handlers.ts"
import { RunningTasks, Updater } from "./Updater.ts"

const decode = Schema.decodeUnknownEffect(Kinds.Update.payload)

/** The time between the report and the restart, to deliver the report. If that fails, it is on the disk. */
const farewell = "1 second"

const refuse = (message: string) => Effect.fail(new RequestFailed({ message }))

/**
 * Updates the daemon's program, one update at a time and never while tasks run, reports, and then restarts it. After a failure
 * the old version is still installed.
 */
export const makeUpdateHandler = Effect.gen(function*() {
  const updater = yield* Updater
  const tasks = yield* RunningTasks
  const fork = yield* FiberSet.makeRuntime<never>()
  /** Until the process ends, once one succeeded. */
  let underWay = false

  const install = Effect.fnUntraced(function*(target: string) {
    const running = yield* tasks
    if (running > 0) {
      return yield* refuse(`${running === 1 ? "a task runs" : `${running} tasks run`} here: try again later`)
    }
    yield* Effect.logInfo(`updating from ${updater.version} to ${target}`)
    yield* Effect.mapError(updater.install(target), ({ message }) => new RequestFailed({ message }))
  })

  const handler: Handler = Effect.fnUntraced(function*(_, payload, { reported }) {
    const { target_version } = yield* Effect.mapError(
      decode(payload),
      () => new RequestFailed({ message: "the target version is no version" })
    )
    const target = target_version.replace(/^v/, "")
    if (target === updater.version) return { output: `Already at ${target}` }
    if (underWay) return yield* refuse("an update is already under way on this machine")
    underWay = true
    yield* Effect.onExit(install(target), (exit) =>
      Effect.sync(() => {
        underWay = exit._tag === "Success"
      }))
    fork(Deferred.await(reported).pipe(Effect.andThen(Effect.sleep(farewell)), Effect.andThen(updater.restart)))
    return { output: `Updated to ${target}` }
  })
  return handler
})
