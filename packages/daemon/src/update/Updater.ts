import { Context, Data, Effect } from "effect"

/** Muster was not updated; the old version is still installed. `message`: one sentence for people. */
export class UpdateFailed extends Data.TaggedError("UpdateFailed")<{ readonly message: string }> {}

/** How the program that contains the daemon is updated and restarted. That program provides it. */
export class Updater extends Context.Reference<{
  /** The running version. */
  readonly version: string
  /** Replaces the running version by this one (without `v`). After a failure the old one is still installed. */
  readonly install: (target: string) => Effect.Effect<void, UpdateFailed>
  /** Ends this process so that the daemon is started again. */
  readonly restart: Effect.Effect<void>
}>("@muster/daemon/update/Updater", {
  defaultValue: () => ({
    version: "",
    install: () =>
      Effect.fail(new UpdateFailed({ message: "this daemon runs inside another program and cannot update itself" })),
    restart: Effect.void
  })
}) {}

/** The number of tasks that the daemon runs: a restart would interrupt them. */
export const RunningTasks = Context.Reference<Effect.Effect<number>>("@muster/daemon/update/RunningTasks", {
  defaultValue: () => Effect.succeed(0)
})
