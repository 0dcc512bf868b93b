import {
  Access,
  Api,
  Capabilities,
  Kinds,
  Permission,
  Request,
  type RequestKind,
  Security,
  WireError
} from "@muster/domain"
import { Clock, Duration, Effect, Layer, Option, Predicate, Result } from "effect"
import { type HttpServerRequest } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { MemberWatch } from "../access/MemberWatch.ts"
import { TokenWatch } from "../access/TokenWatch.ts"
import { jsonBody } from "../http/jsonBody.ts"
import { queryOf } from "../http/queryOf.ts"
import { Drains } from "../machine/Drains.ts"
import { requireAction } from "../runtime/requireAction.ts"
import { makeRuntimeView, type RuntimeView } from "../runtime/RuntimeView.ts"
import { askReader } from "./askReader.ts"
import { Hooks } from "./Hooks.ts"
import { makeRecord } from "./records.ts"
import { type Ask, RequestService } from "./RequestService.ts"

type Query = { readonly wait?: string; readonly while?: Request.RequestStatus }

/** Returns how long a GET waits, from its `wait` (seconds, 0 to 60) and `while` parameters. */
const waitFrom = (query: Query) => {
  const seconds = query.wait === undefined ? 0 : Number(query.wait)
  return Number.isFinite(seconds) && seconds >= 0
    ? Effect.succeed({ for: Duration.seconds(Math.min(seconds, Api.maxWait)), while: query.while })
    : Effect.fail(WireError.invalid("wait"))
}

/** Returns the time until the request ends by its limits at the latest, in whole seconds. */
const worthWaiting = (request: Request.Request, now: number): Request.Json => {
  const until = (Request.deadlineOf(request) ?? now) + (request.state._tag === "Pending" ? request.terms.running : 0)
  return { worth_waiting_s: Math.max(0, Math.ceil((until - now) / 1_000)) }
}

interface Asked {
  readonly params: { readonly runtimeId: string }
  readonly request: HttpServerRequest.HttpServerRequest
}
interface Looked {
  readonly params: { readonly runtimeId: string; readonly requestId: string }
  readonly query: Query
}

/** Returns the handlers of one kind. They check permissions and the runtime's status before they read the body. */
const makeHandlers = Effect.fnUntraced(function*<K extends RequestKind.RequestKind>(kind: K) {
  const access = yield* Access.Access
  const drains = yield* Drains
  const service = yield* RequestService
  const view = yield* makeRuntimeView
  const tokens = yield* TokenWatch
  const members = yield* MemberWatch
  const read = askReader(kind)
  const record = makeRecord(kind)
  const { atHand, recalled } = (yield* Hooks).get(kind.name) ?? {}

  const seenBy = Effect.fnUntraced(function*(id: string, who: "ask" | "look") {
    const seen = yield* view(id)
    yield* requireAction(access, kind.asking[who], seen)
    return seen
  })

  /** A caller who may only read a kept result is admitted with `mayAsk` false. */
  const askerOf = Effect.fnUntraced(function*(id: string, fresh: boolean) {
    const seen = yield* kind.kept === true && !fresh ? view(id) : seenBy(id, "ask")
    return { ...seen, mayAsk: Permission.mayAct(kind.asking.ask, seen.standing) }
  })

  const admitted = Effect.fnUntraced(function*(id: string, fresh = false) {
    const seen = yield* askerOf(id, fresh)
    if (kind.asking.online && seen.runtime.status !== "online") return yield* WireError.runtimeOffline()
    const { needs } = kind.asking
    if (needs !== undefined && Capabilities.lacks(seen.runtime.metadata, needs.capability)) {
      const version = Capabilities.daemonVersionInWords(seen.runtime.metadata)
      return yield* WireError.unsupported(`this runtime ${needs.without}: its daemon (${version}) does not support it`)
    }
    return seen
  })

  const askOne = Effect.fnUntraced(function*(
    seen: RuntimeView & { readonly mayAsk: boolean },
    body: unknown,
    { ask = service.ask, fresh = false }: { readonly ask?: Ask; readonly fresh?: boolean } = {}
  ) {
    const payload: Request.Json = Api.hasPayload(kind) ? yield* Effect.fromResult(read(body)) : {}
    const { mayAsk, runtime, userId } = seen
    const found = atHand === undefined || fresh ? Option.none() : yield* atHand(runtime, mayAsk ? userId : null)
    if (Option.isSome(found)) return yield* record(found.value.request, found.value.beside)
    yield* requireAction(access, kind.asking.ask, seen)
    yield* drains.refuse(runtime)
    const request = yield* ask(kind, runtime, payload, userId)
    return yield* record(request, kind.kept === true ? worthWaiting(request, yield* Clock.currentTimeMillis) : {})
  })

  return {
    ask: Effect.fnUntraced(function*({ params, request }: Asked) {
      const fresh = queryOf(request.url).get("fresh") === "1"
      const seen = yield* admitted(params.runtimeId, fresh)
      return yield* askOne(seen, Api.hasPayload(kind) ? yield* jsonBody(request) : undefined, { fresh })
    }),

    askMany: (max: number) =>
      Effect.fnUntraced(function*({ params, request }: Asked) {
        const seen = yield* admitted(params.runtimeId)
        const body = yield* jsonBody(request)
        const bodies = Predicate.hasProperty(body, "requests") ? body.requests : undefined
        if (!Array.isArray(bodies) || bodies.length === 0) return yield* WireError.required("requests")
        if (bodies.length > max) return yield* WireError.bad(`at most ${max} requests at once`)
        const requests = yield* Effect.forEach(
          bodies as ReadonlyArray<unknown>,
          (body) =>
            askOne(seen, body, { ask: service.create }).pipe(
              Effect.catch(({ code, error }) => Effect.succeed({ code, error }))
            )
        )
        yield* service.wake(seen.runtime)
        return { requests }
      }),

    look: Effect.fnUntraced(function*({ params, query }: Looked) {
      const { runtime, userId } = yield* seenBy(params.runtimeId, "look")
      const wait = yield* waitFrom(query)
      const { tokenHash } = yield* Security.Caller
      const expired = Effect.andThen(tokens.end(tokenHash), Effect.fail(WireError.invalidToken()))
      const left = Effect.andThen(
        members.end({ userId, workspaceId: runtime.workspaceId }),
        Effect.fail(WireError.runtimeNotFound())
      )
      const look = service.look(kind, runtime.id, params.requestId, wait)
      const looked = yield* Effect.result(
        Duration.isZero(wait.for) ? look : Effect.raceAllFirst([look, expired, left])
      )
      if (Result.isSuccess(looked)) return yield* record(looked.success)
      const isForgotten = looked.failure instanceof WireError.NotFound && looked.failure.code !== "runtime_not_found"
      const found = recalled === undefined || !isForgotten
        ? Option.none()
        : yield* recalled(runtime, params.requestId)
      if (Option.isNone(found)) return yield* looked.failure
      return yield* record(found.value.request, found.value.beside)
    })
  }
})

/**
 * The routes for requests of every kind, by the same code; a kind without its line here is a type error in `Server.ts`.
 * Source: `docs/protocol.md` 8.4–8.11.
 */
export const layerRequestRoutes = Layer.mergeAll(
  HttpApiBuilder.group(
    Api.MusterApi,
    "modelList",
    (handlers) =>
      Effect.map(makeHandlers(Kinds.ModelList), ({ ask, look }) => handlers.handleRaw("ask", ask).handle("look", look))
  ),
  HttpApiBuilder.group(
    Api.MusterApi,
    "localSkillList",
    (handlers) =>
      Effect.map(
        makeHandlers(Kinds.LocalSkillList),
        ({ ask, look }) => handlers.handleRaw("ask", ask).handle("look", look)
      )
  ),
  HttpApiBuilder.group(
    Api.MusterApi,
    "localSkillImport",
    (handlers) =>
      Effect.map(
        makeHandlers(Kinds.LocalSkillImport),
        ({ ask, askMany, look }) =>
          handlers.handleRaw("ask", ask).handle("look", look)
            .handleRaw("askMany", askMany(Kinds.LocalSkillImport.many.max))
      )
  ),
  HttpApiBuilder.group(
    Api.MusterApi,
    "ping",
    (handlers) =>
      Effect.map(makeHandlers(Kinds.Ping), ({ ask, look }) => handlers.handleRaw("ask", ask).handle("look", look))
  ),
  HttpApiBuilder.group(
    Api.MusterApi,
    "update",
    (handlers) =>
      Effect.map(makeHandlers(Kinds.Update), ({ ask, look }) => handlers.handleRaw("ask", ask).handle("look", look))
  )
)
