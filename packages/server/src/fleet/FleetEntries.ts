import {
  Access,
  Fleet,
  type Identity,
  Machines,
  Request,
  RequestJournal,
  type Runtime,
  RuntimeRegistry,
  type Store,
  Wake
} from "@muster/domain"
import { Cache, Clock, Context, Duration, Effect, Exit, Layer, Queue, RcMap, type Scope } from "effect"
import { Journal } from "../journal/Journal.ts"
import { requestFromEntry } from "../journal/requestFromEntry.ts"

/** How long the entries of a workspace may be reused: last-seen times and requests change without a wake. */
const maxAge = Duration.seconds(2)

/** How long a workspace without page loads keeps its subscription. */
const idleTime = Duration.seconds(30)

/** How many workspaces a replica holds at once; the entries of another one are loaded for each page. */
const maxWorkspaces = 200

/** How long the journal may take to name the busy runtimes. Without its answer no runtime is busy. */
const journalTimeout = "1 second"

/**
 * The runtimes of a workspace as people filter them. Pages within 2 s share one load; a change in the workspace, on any
 * replica, makes the next page load again.
 */
export class FleetEntries extends Context.Service<FleetEntries, {
  readonly of: (workspace: Identity.WorkspaceId) => Effect.Effect<ReadonlyArray<Fleet.Entry>, Store.StoreUnavailable>
  /** Makes the next page load again, after a change by this replica. */
  readonly forget: (workspace: Identity.WorkspaceId) => Effect.Effect<void>
}>()("@muster/server/fleet/FleetEntries") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const load = yield* makeLoad
      const loaded = yield* Cache.makeWith(load, {
        capacity: maxWorkspaces,
        timeToLive: (exit) => Exit.isSuccess(exit) ? maxAge : Duration.zero
      })
      const watched = yield* watchWorkspaces((workspace) => Cache.invalidate(loaded, workspace))
      return FleetEntries.of({
        of: (workspace) =>
          Effect.scoped(
            Effect.flatMap(
              watched(workspace),
              (isWatched) => isWatched ? Cache.get(loaded, workspace) : load(workspace)
            )
          ),
        forget: (workspace) => Cache.invalidate(loaded, workspace)
      })
    })
  )
}

const makeLoad = Effect.gen(function*() {
  const registry = yield* RuntimeRegistry.RuntimeRegistry
  const access = yield* Access.Access
  const machines = yield* Machines.Machines
  const journal = yield* Journal

  const busyIn = (workspace: Identity.WorkspaceId) =>
    Effect.all([journal.recent(workspace, RequestJournal.maxJournal), Clock.currentTimeMillis]).pipe(
      Effect.map(([entries, now]) =>
        new Set(
          entries.filter((entry) => !Request.isTerminal(requestFromEntry(entry, now))).map(({ runtimeId }) => runtimeId)
        )
      ),
      Effect.timeout(journalTimeout),
      Effect.orElseSucceed((): ReadonlySet<Runtime.RuntimeId> => new Set())
    )

  return Effect.fn("FleetEntries.load")(function*(workspace: Identity.WorkspaceId) {
    const [runtimes, members, joined, busy] = yield* Effect.all(
      [registry.list(workspace), access.membersOf(workspace), machines.list(workspace), busyIn(workspace)],
      { concurrency: "unbounded" }
    )
    const facts: Fleet.Facts = {
      ownerNames: new Map(members.map(({ id, name }) => [id, name])),
      machines: new Map(joined.map((machine) => [Fleet.machineKey(machine.ownerId, machine.daemonId), machine])),
      busy
    }
    return runtimes.map((runtime) => Fleet.entryOf(runtime, facts))
  })
})

/** Returns a function that subscribes to a workspace's changes until it is unused for `idleTime`; false: there is no room. */
const watchWorkspaces = Effect.fnUntraced(function*(changed: (workspace: Identity.WorkspaceId) => Effect.Effect<void>) {
  const wake = yield* Wake.Wake
  const watched = yield* RcMap.make({
    lookup: Effect.fnUntraced(function*(workspace: Identity.WorkspaceId) {
      const hints = yield* wake.subscribe([Wake.topic.workspace(workspace)])
      yield* Queue.take(hints).pipe(Effect.andThen(changed(workspace)), Effect.forever, Effect.forkScoped)
    }),
    idleTimeToLive: idleTime,
    capacity: maxWorkspaces
  })
  return (workspace: Identity.WorkspaceId): Effect.Effect<boolean, never, Scope.Scope> =>
    RcMap.get(watched, workspace).pipe(
      Effect.as(true),
      Effect.catchTag("ExceededCapacityError", () => Effect.succeed(false))
    )
})
