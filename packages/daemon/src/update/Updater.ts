import { Context, Data, Effect } from "effect"

/** Muster could not be updated, or will not be; what was there still is. `message`: one sentence for people. */
export class UpdateFailed extends Data.TaggedError("UpdateFailed")<{ readonly message: string }> {}

/** How the program around the daemon is updated and restarted: that program's matter, so it is given to the daemon. */
export class Updater extends Context.Reference<{
  /** The version that runs. */
  readonly version: string
  /** Puts this version (without `v`) in the place of the one that runs. After a failure the old one is still there. */
  readonly install: (target: string) => Effect.Effect<void, UpdateFailed>
  /** Ends this process in such a way that the daemon comes back. */
  readonly restart: Effect.Effect<void>
}>("@muster/daemon/update/Updater", {
  defaultValue: () => ({
    version: "",
    install: () =>
      Effect.fail(new UpdateFailed({ message: "this daemon runs inside another program and cannot update itself" })),
    restart: Effect.void
  })
}) {}

/** How many tasks the daemon runs just now: they would be cut off by a restart. */
export const RunningTasks = Context.Reference<Effect.Effect<number>>("@muster/daemon/update/RunningTasks", {
  defaultValue: () => Effect.succeed(0)
})
