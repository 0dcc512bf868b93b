import {
  type AuditLog,
  type Identity,
  Request,
  type RequestKind,
  RequestStore,
  type Runtime,
  Wake,
  WireError
} from "@muster/domain"
import { Clock, Context, Duration, Effect, Layer, Option, Predicate, Queue, Schema } from "effect"
import { Audit } from "../audit/Audit.ts"
import { Journal } from "../journal/Journal.ts"
import { Limits } from "../limit/Limits.ts"
import { Draining } from "../socket/Draining.ts"
import { absent, titleOf, unreadable } from "./RequestErrors.ts"

const decodeId = Schema.decodeUnknownOption(Request.RequestId)

/** How often a waiting call reads the request without a wake. If every wake is lost, an answer is this late at most. */
const lookEvery = Duration.seconds(2)

/** The texts and numbers of a payload, for the audit log. */
const flatFields = (payload: Request.Json): AuditLog.AuditDetails =>
  Predicate.isObject(payload)
    ? Object.fromEntries(
      Object.entries(payload).filter((entry): entry is [string, string | number] =>
        typeof entry[1] === "string" || typeof entry[1] === "number"
      )
    )
    : {}

/** Creates a request of this kind, or returns the pending one of a kind that coalesces. */
export type Ask = (
  kind: RequestKind.RequestKind,
  runtime: Runtime.Runtime,
  payload: Request.Json,
  by: Identity.UserId
) => Effect.Effect<Request.Request, RequestService.Refused>

/** Creates and reads requests of any kind, and waits for their results. Callers check permissions first. */
export class RequestService extends Context.Service<RequestService, {
  readonly ask: Ask
  /** The same without a wake: for one of several requests, after which one `wake` is enough. */
  readonly create: Ask
  readonly wake: (runtime: Runtime.Runtime) => Effect.Effect<void>
  /**
   * Returns the request immediately; or, with `wait` (at most 60 s), as soon as it is settled or its status is no
   * longer `while`. Returns it unchanged when the wait ends or the server starts to drain.
   */
  readonly look: (kind: RequestKind.RequestKind, runtime: Runtime.RuntimeId, id: string, wait: {
    readonly for: Duration.Duration
    readonly while: Request.RequestStatus | undefined
  }) => Effect.Effect<Request.Request, RequestService.Unseen>
}>()("@muster/server/request/RequestService") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const store = yield* RequestStore.RequestStore
      const wake = yield* Wake.Wake
      const draining = yield* Draining
      const journal = yield* Journal
      const audit = yield* Audit
      const limits = yield* Limits

      // A second caller of a coalescing kind publishes another wake: the first one may have been lost.
      const wakeRuntime = (runtime: Runtime.Runtime) => wake.publish(Wake.topic.runtime(runtime.id))

      const create = Effect.fn("RequestService.create")(
        function*(kind: RequestKind.RequestKind, runtime: Runtime.Runtime, payload: Request.Json, by: Identity.UserId) {
          yield* limits.take("person_requests", by)
          yield* limits.take("workspace_requests", runtime.workspaceId)
          const { created, request } = yield* store.create({ kind, runtimeId: runtime.id, payload, by }).pipe(
            Effect.catchTags({
              RequestConflict: ({ text }) => Effect.fail(WireError.conflict(text)),
              RequestsFull: ({ message }) => Effect.fail(WireError.tooMany(message)),
              StoreUnavailable: (error) =>
                Effect.fail(WireError.refusedOrFault(`failed to enqueue ${titleOf(kind)}`, error))
            })
          )
          if (!created) return request
          yield* journal.created(runtime, request)
          if (kind.audit !== undefined) {
            yield* audit.record({
              action: kind.audit,
              workspaceId: runtime.workspaceId,
              target: { kind: "runtime", id: runtime.id, name: runtime.name },
              details: flatFields(payload)
            })
          }
          return request
        }
      )

      const ask = (
        kind: RequestKind.RequestKind,
        runtime: Runtime.Runtime,
        payload: Request.Json,
        by: Identity.UserId
      ) => Effect.tap(create(kind, runtime, payload, by), () => wakeRuntime(runtime))

      const load = Effect.fnUntraced(function*(kind: RequestKind.RequestKind, runtime: Runtime.RuntimeId, id: string) {
        const requestId = decodeId(id)
        if (Option.isNone(requestId)) return yield* absent(kind)
        const found = yield* store.get(runtime, requestId.value).pipe(
          Effect.mapError(({ why }) => unreadable(kind, why))
        )
        if (Option.isNone(found) || found.value.kind !== kind.name) return yield* absent(kind)
        return found.value
      })

      const look = Effect.fn("RequestService.look")(function*(
        kind: RequestKind.RequestKind,
        runtime: Runtime.RuntimeId,
        id: string,
        wait: { readonly for: Duration.Duration; readonly while: Request.RequestStatus | undefined }
      ) {
        const until = (yield* Clock.currentTimeMillis) + Duration.toMillis(wait.for)
        const first = yield* load(kind, runtime, id)
        const over = (request: Request.Request) =>
          Request.isTerminal(request) || (wait.while !== undefined && Request.statusOf(request) !== wait.while)
        if (over(first) || Duration.isZero(wait.for)) return first
        return yield* Effect.scoped(Effect.gen(function*() {
          const wakes = yield* wake.subscribe([Wake.topic.request(first.id)])
          while (true) {
            const request = yield* load(kind, runtime, id)
            const now = yield* Clock.currentTimeMillis
            if (over(request) || now >= until || draining.begun()) return request
            const deadline = Request.deadlineOf(request)
            const next = Math.min(
              until,
              now + Duration.toMillis(lookEvery),
              deadline === null ? until : Math.max(now, deadline) + 1
            )
            yield* Effect.raceFirst(Queue.take(wakes), draining.await).pipe(Effect.timeoutOption(next - now))
          }
        }))
      })

      return RequestService.of({ ask, create, wake: wakeRuntime, look })
    })
  )
}

export declare namespace RequestService {
  type Refused =
    | ReturnType<typeof WireError.conflict>
    | ReturnType<typeof WireError.tooMany>
    | ReturnType<typeof WireError.fault>
  type Unseen = ReturnType<typeof absent> | ReturnType<typeof WireError.fault>
}
