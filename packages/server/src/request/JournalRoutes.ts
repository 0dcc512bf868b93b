import {
  Api,
  LivenessPolicy,
  Request,
  RequestJournal,
  RequestStore,
  type Runtime,
  RuntimeRegistry,
  Security,
  WireError
} from "@muster/domain"
import { Clock, Effect, Option, Schema } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { FleetEntries } from "../fleet/FleetEntries.ts"
import { Journal } from "../journal/Journal.ts"
import { requestFromEntry } from "../journal/requestFromEntry.ts"

/** How long each store may take to contribute to an explanation. Without its answer the explanation has less detail. */
const storeTimeout = "2 seconds"

const decodeId = Schema.decodeUnknownOption(Request.RequestId)

/** Whether a runtime exists and its present name; undefined: not known at the moment. */
type Present = { readonly name: string } | "gone" | undefined

const recordOf = (
  entry: RequestJournal.JournalEntry,
  request: Request.Request,
  present: Present
): Api.JournalRecord => ({
  id: entry.id,
  runtimeId: entry.runtimeId,
  runtimeName: typeof present === "object" ? present.name : entry.runtimeName,
  runtimeGone: present === undefined ? null : present === "gone",
  kind: entry.kind,
  status: Request.statusOf(request),
  createdBy: entry.by,
  createdAt: entry.createdAt,
  createdOn: entry.createdOn,
  deliveries: entry.deliveries,
  end: entry.end
})

const limitFrom = (text = String(RequestJournal.maxJournal)) => {
  const limit = Number(text)
  return Number.isInteger(limit) && limit >= 1 && limit <= RequestJournal.maxJournal
    ? Effect.succeed(limit)
    : Effect.fail(WireError.bad(`limit must be 1 to ${RequestJournal.maxJournal}`))
}

/** Returns a store's answer; none if it fails or does not answer in time. */
const withinTimeout = <A, E>(effect: Effect.Effect<A, E>) =>
  effect.pipe(Effect.timeoutOption(storeTimeout), Effect.orElseSucceed(() => Option.none<A>()))

/** The routes for the history of a workspace's last requests. */
export const layerJournalRoutes = HttpApiBuilder.group(
  Api.MusterApi,
  "journal",
  Effect.fn(function*(handlers) {
    const journal = yield* Journal
    const registry = yield* RuntimeRegistry.RuntimeRegistry
    const fleet = yield* FleetEntries
    const store = yield* RequestStore.RequestStore
    const { beat, flushAge, flushEvery } = yield* LivenessPolicy.LivenessPolicy

    const runtimeOf = Effect.fnUntraced(function*({ runtimeId }: RequestJournal.JournalEntry) {
      const found = yield* withinTimeout(registry.find(runtimeId))
      if (Option.isNone(found)) return { _tag: "Unknown" } as const
      if (found.value._tag === "Gone") return { _tag: "Gone" } as const
      const { lastSeenAt, name, status } = found.value.runtime
      const here = journal.here(runtimeId)?.lastBeatAt ?? null
      const lastBeatAt = here === null || lastSeenAt === null ? here ?? lastSeenAt : Math.max(here, lastSeenAt)
      // A beat to another replica is visible here only after that replica has written it.
      const beatLag = here === null ? flushAge + flushEvery : 0
      return { _tag: "Found", name, status, lastBeatAt, beatLag } as const
    })

    /** Returns the store's record, if it still exists: it has limits and deliveries whose notes may be lost. */
    const requestOf = (entry: RequestJournal.JournalEntry, now: number) =>
      Effect.map(
        withinTimeout(store.get(entry.runtimeId, entry.id)),
        (found) => Option.getOrElse(Option.flatten(found), () => requestFromEntry(entry, now))
      )

    return handlers.handleAll({
      recent: Effect.fnUntraced(function*({ query }) {
        const { workspace } = yield* Security.CurrentWorkspace
        const entries = yield* journal.recent(workspace.id, yield* limitFrom(query.limit)).pipe(
          Effect.mapError((cause) => WireError.fault("failed to list requests", cause))
        )
        const now = yield* Clock.currentTimeMillis
        const runtimes = Option.map(
          yield* withinTimeout(fleet.of(workspace.id)),
          (all) => new Map(all.map(({ runtime }) => [runtime.id, runtime]))
        )
        const presentOf = (id: Runtime.RuntimeId): Present =>
          Option.getOrUndefined(Option.map(runtimes, (all): Present => all.get(id) ?? "gone"))
        return {
          requests: entries.map((entry) => recordOf(entry, requestFromEntry(entry, now), presentOf(entry.runtimeId)))
        }
      }),

      explain: Effect.fnUntraced(function*({ params }) {
        const { workspace } = yield* Security.CurrentWorkspace
        const id = decodeId(params.requestId)
        if (Option.isNone(id)) return yield* WireError.absent("request")
        const found = yield* journal.find(workspace.id, id.value).pipe(
          Effect.mapError((cause) => WireError.fault("failed to load request", cause))
        )
        if (Option.isNone(found)) return yield* WireError.absent("request")
        const entry = found.value
        const now = yield* Clock.currentTimeMillis
        const [runtime, heard, request] = yield* Effect.all([
          runtimeOf(entry),
          Effect.map(withinTimeout(journal.presence(entry.runtimeId)), (one) => Option.getOrNull(Option.flatten(one))),
          requestOf(entry, now)
        ], { concurrency: "unbounded" })
        const facts: RequestJournal.ExplainFacts = {
          now,
          replica: journal.replica,
          entry,
          request,
          runtime,
          heard,
          beatEvery: beat
        }
        const { coming, text } = RequestJournal.explain(facts)
        return {
          ...recordOf(
            entry,
            request,
            runtime._tag === "Found" ? runtime : runtime._tag === "Gone" ? "gone" : undefined
          ),
          text,
          replica: journal.replica,
          runtime: runtime._tag === "Found"
            ? { name: runtime.name, status: runtime.status, lastBeatAt: runtime.lastBeatAt }
            : null,
          heard: heard === null ? null : { on: heard.on, via: heard.via, since: heard.since },
          coming
        }
      })
    })
  })
)
