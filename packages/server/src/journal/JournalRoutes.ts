import {
  asRequest,
  CurrentWorkspace,
  elapse,
  explain,
  type ExplainFacts,
  type JournalEntry,
  type JournalRecord,
  LivenessPolicy,
  maxJournal,
  MusterApi,
  type Request,
  RequestId,
  requestKinds,
  RequestStore,
  RuntimeRegistry,
  statusOf,
  type Terms,
  wireError
} from "@muster/domain"
import { Clock, Effect, Option, Schema } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Journal } from "./Journal.ts"

/** How long each store may take to contribute to an explanation. Without its answer the explanation has less detail. */
const storeTimeout = "2 seconds"

const decodeId = Schema.decodeUnknownOption(RequestId)

/** The terms of kinds that only a newer replica knows: their requests have no limits here. */
const unknownTerms: Terms = {
  pending: Infinity,
  running: Infinity,
  retention: 0,
  deliveries: 1,
  redeliverAfter: Infinity,
  admission: { _tag: "Coalesce" },
  texts: { pending: "", running: "" }
}
const termsOf = (kind: string): Terms => requestKinds.find(({ name }) => name === kind)?.terms ?? unknownTerms

const requestFromEntry = (entry: JournalEntry, now: number): Request =>
  elapse(asRequest(entry, termsOf(entry.kind)), now)

const recordOf = (entry: JournalEntry, request: Request): JournalRecord => ({
  id: entry.id,
  runtimeId: entry.runtimeId,
  kind: entry.kind,
  status: statusOf(request),
  createdBy: entry.by,
  createdAt: entry.createdAt,
  createdOn: entry.createdOn,
  deliveries: entry.deliveries,
  end: entry.end
})

const limitFrom = (text = String(maxJournal)) => {
  const limit = Number(text)
  return Number.isInteger(limit) && limit >= 1 && limit <= maxJournal
    ? Effect.succeed(limit)
    : Effect.fail(wireError.bad(`limit must be 1 to ${maxJournal}`))
}

/** Returns a store's answer; none if it fails or does not answer in time. */
const withinTimeout = <A, E>(effect: Effect.Effect<A, E>) =>
  effect.pipe(Effect.timeoutOption(storeTimeout), Effect.orElseSucceed(() => Option.none<A>()))

/** The routes for the history of a workspace's last requests. */
export const layerJournalRoutes = HttpApiBuilder.group(
  MusterApi,
  "journal",
  Effect.fn(function*(handlers) {
    const journal = yield* Journal
    const registry = yield* RuntimeRegistry
    const store = yield* RequestStore
    const { beat, flushAge, flushEvery } = yield* LivenessPolicy

    const runtimeOf = Effect.fnUntraced(function*({ runtimeId }: JournalEntry) {
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
    const requestOf = (entry: JournalEntry, now: number) =>
      Effect.map(
        withinTimeout(store.get(entry.runtimeId, entry.id)),
        (found) => Option.getOrElse(Option.flatten(found), () => requestFromEntry(entry, now))
      )

    return handlers.handleAll({
      recent: Effect.fnUntraced(function*({ query }) {
        const { workspace } = yield* CurrentWorkspace
        const entries = yield* journal.recent(workspace.id, yield* limitFrom(query.limit)).pipe(
          Effect.mapError((cause) => wireError.fault("failed to list requests", cause))
        )
        const now = yield* Clock.currentTimeMillis
        return { requests: entries.map((entry) => recordOf(entry, requestFromEntry(entry, now))) }
      }),

      explain: Effect.fnUntraced(function*({ params }) {
        const { workspace } = yield* CurrentWorkspace
        const id = decodeId(params.requestId)
        if (Option.isNone(id)) return yield* wireError.absent("request")
        const found = yield* journal.find(workspace.id, id.value).pipe(
          Effect.mapError((cause) => wireError.fault("failed to load request", cause))
        )
        if (Option.isNone(found)) return yield* wireError.absent("request")
        const entry = found.value
        const now = yield* Clock.currentTimeMillis
        const [runtime, heard, request] = yield* Effect.all([
          runtimeOf(entry),
          Effect.map(withinTimeout(journal.presence(entry.runtimeId)), (one) => Option.getOrNull(Option.flatten(one))),
          requestOf(entry, now)
        ], { concurrency: "unbounded" })
        const facts: ExplainFacts = {
          now,
          replica: journal.replica,
          entry,
          request,
          runtime,
          heard,
          beatEvery: beat
        }
        const { coming, text } = explain(facts)
        return {
          ...recordOf(entry, request),
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
