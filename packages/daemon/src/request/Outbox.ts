import type { Request } from "@muster/domain"
import { Conditions } from "@muster/kit"
import { Array as Arr, Clock, Context, Deferred, Effect, FiberMap, Layer, Option, Result } from "effect"
import { type Report, ServerApi } from "../client/ServerApi.ts"
import type { Gone, Refused, Unreachable } from "../client/ServerError.ts"
import { ServerReach } from "../client/ServerReach.ts"
import { serverDown } from "../client/ServerWatch.ts"
import { makeReportConcurrency } from "./ReportConcurrency.ts"
import { ReportShelf } from "./ReportShelf.ts"
import { deliverReport, sendReport } from "./SendReport.ts"
import { isForgotten, readReport, type StoredReport, writeReport } from "./StoredReport.ts"

/** The limits of an outbox. */
const bounds = { texts: 1_000, bytes: 32 * 1024 * 1024 }

/** How long a start waits for the reports of an earlier process to be sent, in ms. */
const replayTimeout = 2_000

/** The reports in an outbox: the server is not known to have them. */
export interface OutboxDepth {
  readonly reports: number
  readonly bytes: number
}

/** A text of the shelf as what it holds; or what is no report under its own name. */
const readStored = (name: string, text: string) =>
  Option.match(Option.filter(readReport(text), ({ report }) => report.requestId === name), {
    onNone: () => Result.fail({ name }),
    onSome: (stored) => Result.succeed({ ...stored, bytes: Buffer.byteLength(text) })
  })

interface Held extends StoredReport {
  readonly bytes: number
  /** Done when it has been sent once, whatever came of it. */
  readonly tried: Deferred.Deferred<void>
  /** Done when the first attempts are over, whatever came of them. */
  readonly attempted: Deferred.Deferred<void>
  /** Whether it is on the disk. */
  kept: boolean
}

/**
 * Delivers the results of requests. A report is stored on disk before the first attempt, until the server accepts or
 * rejects it, so that neither a crash of the daemon nor an outage of the server loses it. It holds at most 1,000 reports
 * and 32 MiB: when full, it drops reports whose requests have expired, oldest first; if there are none, a new report is sent
 * at once, at most four times. A report that cannot be stored is sent for as long as the daemon runs.
 */
export class Outbox extends Context.Service<Outbox, {
  /**
   * Returns when the caller need not wait any longer: when the report is stored, else when the first attempts are over. It
   * does not report whether the server accepted it.
   */
  readonly post: (report: Report) => Effect.Effect<void>
  /** Returns whether it holds the report of this request: then the work is done and must not be repeated. */
  readonly holds: (id: Request.RequestId) => Effect.Effect<boolean>
  readonly depth: Effect.Effect<OutboxDepth>
  /** Waits until the reports of an earlier process have been sent once, at most 2 s. */
  readonly replayed: Effect.Effect<void>
}>()("@muster/daemon/request/Outbox") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const server = yield* ServerApi
      const reach = yield* ServerReach
      const shelf = yield* ReportShelf
      const conditions = yield* Conditions
      const limited = yield* makeReportConcurrency
      /** In the order in which the work was finished. */
      const held = new Map<Request.RequestId, Held>()
      let bytes = 0
      const deliveries = yield* FiberMap.make<Request.RequestId>()

      const forget = ({ bytes: size, report }: Held) => {
        if (held.delete(report.requestId)) bytes -= size
      }

      const drop = (one: Held) =>
        shelf.drop(one.report.requestId).pipe(
          Effect.catch(({ reason }) =>
            // A disk that did not take it may have done so since.
            one.kept
              ? conditions.begin(
                "outbox:drop",
                `cannot remove delivered results from ${shelf.place}, sending them again at the next start: ${reason}`,
                { lapse: "delivered results are removed again" }
              )
              : Effect.void
          ),
          Effect.andThen(Effect.sync(() => forget(one)))
        )

      const refused = (error: Gone | Refused | Unreachable) =>
        conditions.begin("outbox:refused", `a result was not delivered and is lost: ${error.message}`, {
          lapse: "no further result was lost"
        })

      const waiting = (error: Unreachable) =>
        conditions.begin(
          "outbox:waiting",
          `cannot deliver results (${held.size} waiting), retrying: ${error.message}`,
          { because: serverDown }
        )

      const deliver = (one: Held): Effect.Effect<void> =>
        deliverReport({
          send: limited(one.report.runtimeId, server.report(one.report)).pipe(
            Effect.ensuring(Deferred.succeed(one.tried, undefined))
          ),
          returned: reach.returned,
          waiting: (error) => Effect.andThen(Deferred.succeed(one.attempted, undefined), waiting(error))
        }).pipe(
          Effect.catch(refused),
          Effect.andThen(drop(one)),
          Effect.ensuring(Deferred.succeed(one.attempted, undefined)),
          Effect.andThen(Effect.suspend(() =>
            held.size === 0 ? conditions.end("outbox:waiting", "all results were delivered") : Effect.void
          ))
        )

      const begin = (one: Held) => Effect.asVoid(FiberMap.run(deliveries, one.report.requestId, deliver(one)))

      const hold = (stored: StoredReport, size: number, kept: boolean): Held => {
        const [tried, attempted] = [Deferred.makeUnsafe<void>(), Deferred.makeUnsafe<void>()]
        const one = { ...stored, bytes: size, tried, attempted, kept }
        held.set(stored.report.requestId, one)
        bytes += size
        return one
      }

      const fits = (size: number) => held.size < bounds.texts && bytes + size <= bounds.bytes

      /** Drops expired reports until this many bytes fit, or no expired report is left. */
      const makeRoom = Effect.fnUntraced(function*(size: number, now: number) {
        for (const one of held.values()) {
          if (fits(size) || !isForgotten(one, now)) break
          yield* FiberMap.remove(deliveries, one.report.requestId)
          yield* drop(one)
          yield* conditions.begin("outbox:full", "outbox is full: dropping results whose requests have expired", {
            lapse: "outbox has room again"
          })
        }
        return fits(size)
      })

      /** Sends a report that does not fit: it is lost if the server has not accepted it after four attempts. */
      const sendUnheld = Effect.fnUntraced(function*(report: Report) {
        yield* conditions.begin(
          "outbox:unkept",
          `results are sent but not stored, and lost if the server does not accept them now: the outbox in ${shelf.place} is full`
        )
        yield* sendReport(limited(report.runtimeId, server.report(report))).pipe(
          Effect.catch(refused)
        )
      })

      const post = Effect.fnUntraced(function*(report: Report) {
        if (held.has(report.requestId)) return
        const finishedAt = yield* Clock.currentTimeMillis
        const text = writeReport({ report, finishedAt })
        const size = Buffer.byteLength(text)
        if (!fits(size) && !(yield* makeRoom(size, finishedAt))) {
          return yield* sendUnheld(report)
        }
        const one = hold({ report, finishedAt }, size, false)
        yield* shelf.put(report.requestId, text).pipe(
          Effect.andThen(Effect.sync(() => void (one.kept = true))),
          Effect.andThen(conditions.end("outbox:unkept", "results are stored again")),
          Effect.andThen(begin(one)),
          Effect.catch(({ reason }) =>
            conditions.begin(
              "outbox:unkept",
              `results are sent but not stored, and lost if the daemon ends first: cannot write ${shelf.place} (${reason})`
            ).pipe(Effect.andThen(begin(one)), Effect.andThen(Deferred.await(one.attempted)))
          )
        )
      })

      const left = yield* shelf.contents(bounds)
      const [good, bad] = Arr.partition(left.texts, ({ name, text }) => readStored(name, text))
      yield* Effect.forEach(bad, ({ name }) => shelf.setAside(name), { discard: true })
      const damaged = left.damaged + bad.length
      if (damaged > 0) {
        yield* Effect.logWarning(`${damaged} stored results could not be read and were moved aside in ${shelf.place}`)
      }
      const replaying = good.toSorted((a, b) => a.finishedAt - b.finishedAt).map((one) => hold(one, one.bytes, true))
      yield* Effect.forEach(replaying, begin, { discard: true })

      return Outbox.of({
        post,
        holds: (id) => Effect.sync(() => held.has(id)),
        depth: Effect.sync(() => ({ reports: held.size, bytes })),
        replayed: Effect.forEach(replaying, ({ tried }) => Deferred.await(tried), { discard: true }).pipe(
          Effect.timeoutOption(replayTimeout),
          Effect.asVoid
        )
      })
    })
  )
}
