import { Access, AuditLog, type Identity, type Store } from "@muster/domain"
import { Conditions, finalizeWithin } from "@muster/kit"
import { Clock, Context, Duration, Effect, Layer, Option, Schedule, Semaphore } from "effect"
import * as SecureRandom from "effect/crypto/SecureRandom"
import { makeUpkeep } from "../condition/upkeep.ts"
import { makeMemo } from "../memo/Memo.ts"
import { ServerMetrics } from "../metrics/ServerMetrics.ts"
import { AuditDays } from "./AuditDays.ts"
import { callOf } from "./callOf.ts"

/** What happened. The call in whose context it is recorded supplies what is absent: actor, credential, workspace, address, client. */
export interface AuditNote {
  readonly action: AuditLog.AuditAction
  readonly target?: AuditLog.AuditTarget
  /** Old and new values; no secrets. */
  readonly details?: AuditLog.AuditDetails
  readonly workspaceId?: Identity.WorkspaceId
  readonly actor?: AuditLog.AuditActor
  readonly credential?: AuditLog.AuditCredential | null
  readonly address?: string | null
  readonly client?: string | null
}

/** How many events may be pending. Above it, new ones are dropped and counted; refusals may use half of it. */
export const AuditBuffer = Context.Reference<number>("@muster/server/audit/AuditBuffer", { defaultValue: () => 10_000 })

const writeEvery = "1 second"

/** How long the last writes may take while the server stops. */
const lastWriteTimeout = "2 seconds"

const pruneEvery = "1 hour"

/** How many workspaces get a copy of what a person does outside of any. */
const maxCopies = 20

/** How long the names and workspaces of people may be reused. */
const maxAge = Duration.seconds(20)

/**
 * The audit log of this server. In the handler of a change, after the change:
 *
 * yield* audit.record({ action: "runtime.rename", target: { kind: "runtime", id, name }, details: { from, to } })
 *
 * The call supplies the rest: the person or machine, its credential, the workspace, the address and the client. Pass
 * `actor` if the call is not the actor's (a daemon's report of what a person asked for), with `address: null`. What a
 * person does outside a workspace (tokens, sign-ins) is in the log of each of the person's workspaces. A new kind of
 * change needs a word in `AuditAction`. Never put a secret into an event: only texts in the form of a token are
 * shortened.
 */
export class Audit extends Context.Service<Audit, {
  /**
   * Never waits and never fails. The event is written within 1 s, and when the server stops. While the store is unavailable
   * up to 10,000 events are kept; above that, new ones are dropped, counted in `muster_bounds_reached_total` and logged.
   */
  readonly record: (note: AuditNote) => Effect.Effect<void>
  /** `AuditLog.page`, with what this server has recorded before. */
  readonly page: AuditLog.AuditLog["Service"]["page"]
}>()("@muster/server/audit/Audit") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const log = yield* AuditLog.AuditLog
      const conditions = yield* Conditions
      const { bounds } = yield* ServerMetrics
      const pending: Array<AuditLog.AuditEvent> = []
      const maxPending = yield* AuditBuffer
      const flush = yield* writePending(log, pending)
      yield* pruneOld(log)

      const full = Effect.suspend(() => {
        bounds.audit_events()
        return conditions.begin("audit:full", `the audit log cannot be written: dropping events beyond ${maxPending}`, {
          lapse: "the audit log drops no events"
        })
      })

      return Audit.of({
        record: Effect.fnUntraced(function*(note) {
          const max = AuditLog.isAuditRefusal(note.action) ? maxPending / 2 : maxPending
          if (pending.length >= max) return yield* full
          pending.push(AuditLog.boundedAudit(yield* eventOf(note)))
        }),
        page: (filter, cursor, max) => Effect.andThen(flush, log.page(filter, cursor, max))
      })
    })
  )
}

const eventOf = Effect.fnUntraced(function*({ action, details = {}, target, ...note }: AuditNote) {
  const call = yield* callOf
  return {
    ...call,
    ...note,
    // In the order of the records, also within one millisecond.
    id: AuditLog.AuditId.make(SecureRandom.uuidV7Unsafe()),
    at: yield* Clock.currentTimeMillis,
    action,
    target: target ?? null,
    details
  } satisfies AuditLog.AuditEvent
})

type Log = AuditLog.AuditLog["Service"]

/**
 * Writes pending events each second until the scope ends, and once more then. Returns an effect that writes them now. The
 * events of a failed write stay, in their order, and are written again: their ids make that safe.
 */
const writePending = Effect.fnUntraced(function*(log: Log, pending: Array<AuditLog.AuditEvent>) {
  const upkeep = yield* makeUpkeep
  const complete = yield* makeComplete(yield* Access.Access)
  const lock = yield* Semaphore.make(1)

  const writeBatch = Effect.gen(function*() {
    const batch = pending.slice(0, AuditLog.maxAuditBatch)
    const events = yield* complete(batch)
    for (let start = 0; start < events.length; start += AuditLog.maxAuditBatch) {
      yield* log.append(events.slice(start, start + AuditLog.maxAuditBatch))
    }
    pending.splice(0, batch.length)
  })
  const writeAll = Effect.suspend(() => {
    const rounds = Math.ceil(pending.length / AuditLog.maxAuditBatch)
    return Effect.forEach(Array.from({ length: rounds }), () => writeBatch, { discard: true })
  })
  const write = upkeep("writing the audit log", lock.withPermits(1)(writeAll))

  yield* finalizeWithin(lastWriteTimeout, write)
  yield* Effect.forkScoped(Effect.schedule(write, Schedule.spaced(writeEvery)))
  return write
})

/**
 * Returns what the log needs beyond the call: names of people, and for what a person does outside a workspace one copy per
 * workspace of the person.
 */
const makeComplete = Effect.fnUntraced(function*(access: Access.Access["Service"]) {
  const users = yield* makeMemo({ lookup: (id: Identity.UserId) => access.user(id), keep: Option.isSome, maxAge })
  const workspaces = yield* makeMemo({
    lookup: (id: Identity.UserId) => access.workspacesOf(id),
    keep: (found) => found.length > 0,
    maxAge
  })

  const completeOne = Effect.fnUntraced(function*(event: AuditLog.AuditEvent): Effect.fn.Return<
    ReadonlyArray<AuditLog.AuditEvent>,
    Store.StoreUnavailable
  > {
    const { actor } = event
    if (actor.kind !== "person" || actor.id === null) return [event]
    const id = actor.id as Identity.UserId
    const name = actor.name ?? Option.getOrNull(Option.map(yield* users.get(id), ({ name }) => name))
    const named = { ...event, actor: { ...actor, name } }
    if (event.workspaceId !== null) return [named]
    const homes = (yield* workspaces.get(id)).slice(0, maxCopies)
    return homes.length === 0 ? [named] : homes.map(({ id }, n) => ({
      ...named,
      // The first copy has the event's own id; the ids of the others are derived from it, so a repeated write makes the
      // same ones.
      id: n === 0 ? event.id : copyId(event.id, n),
      workspaceId: id
    }))
  })
  return (events: ReadonlyArray<AuditLog.AuditEvent>) =>
    Effect.map(Effect.forEach(events, completeOne), (all) => all.flat().map(AuditLog.boundedAudit))
})

/** The id of copy `n` (1 to 255) of an event: its last byte is changed. */
const copyId = (id: AuditLog.AuditId, n: number): AuditLog.AuditId =>
  AuditLog.AuditId.make(id.slice(0, -2) + ((parseInt(id.slice(-2), 16) + n) % 256).toString(16).padStart(2, "0"))

/** Removes events that are older than `AuditDays`, each hour, in steps that the store bounds. */
const pruneOld = Effect.fnUntraced(function*(log: Log) {
  const upkeep = yield* makeUpkeep
  const keep = Duration.toMillis(Duration.days(yield* AuditDays))
  const prune = Effect.flatMap(
    Clock.currentTimeMillis,
    (now) => log.prune(now - keep).pipe(Effect.repeat({ while: (removed) => removed >= AuditLog.maxAuditPrune }))
  )
  yield* upkeep("pruning the audit log", prune).pipe(
    Effect.schedule(Schedule.spaced(pruneEvery)),
    Effect.forkScoped
  )
})
