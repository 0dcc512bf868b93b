import { Api, Kinds, Report, Request, type RequestKind, RequestStore, WireError } from "@muster/domain"
import { Duration, Effect, Layer, Option, Schema, Semaphore } from "effect"
import { HttpRouter, type HttpServerRequest, HttpServerResponse } from "effect/http"
import { Authenticator } from "../access/Authenticator.ts"
import { daemonCredential } from "../access/bearer.ts"
import { errorResponse } from "../http/errorResponse.ts"
import { jsonBody, maxBody } from "../http/jsonBody.ts"
import { RuntimeAccess, runtimeIdFrom } from "../runtime/RuntimeAccess.ts"
import { makeCompletion } from "./Completion.ts"
import { readReport } from "./readReport.ts"
import { absent, unreadable } from "./RequestErrors.ts"

const done = HttpServerResponse.jsonUnsafe(Api.ok)
const decodeId = Schema.decodeUnknownOption(Request.RequestId)

/** How many large reports are in memory at the same time, of up to 16 MiB each. */
const largeConcurrency = 4
const largePart = 16 * 1024 * 1024

/** How long a large report may wait for its turn, be read and settle. After that its daemon sends it again. */
const largeTimeout = Duration.seconds(25)

/** Returns the size that the report declares, in bytes. */
const sizeOf = ({ headers }: HttpServerRequest.HttpServerRequest) => Number(headers["content-length"] ?? Infinity)

/** Returns how many permits a report takes: a larger one several, so that all together have 64 MiB at most. */
const permitsOf = (size: number): number => Math.min(largeConcurrency, Math.max(1, Math.ceil(size / largePart)))

/**
 * A daemon's report of one request: `POST …/runtimes/{runtime}/{kind}/{request}/result`. A late or second report is
 * answered 200 and changes nothing; its body is not read. A refused report fails its request with the reason, because its
 * daemon does not send it again. Source: `docs/protocol.md` 7.5.
 */
const reportRoute = (kind: RequestKind.RequestKind, gate: Semaphore.Semaphore) => {
  const decode = Report.decoder(kind)
  return Effect.gen(function*() {
    const authenticator = yield* Authenticator
    const access = yield* RuntimeAccess
    const store = yield* RequestStore.RequestStore
    const settle = yield* makeCompletion(kind)

    /** Waits for a permit if the report may be large. */
    const inTurn = <A, R>(
      size: number,
      work: Effect.Effect<A, WireError.WireError, R>
    ): Effect.Effect<A, WireError.WireError, R> =>
      kind.reportBound === undefined || size <= maxBody.bytes ? work : gate.withPermits(permitsOf(size))(work).pipe(
        Effect.timeoutOrElse({
          duration: largeTimeout,
          orElse: () => Effect.fail(WireError.fault("too many large reports at once"))
        })
      )

    const report = Effect.fn("Server.report")(
      function*(request: HttpServerRequest.HttpServerRequest): Effect.fn.Return<
        HttpServerResponse.HttpServerResponse,
        WireError.WireError,
        HttpRouter.RouteContext
      > {
        const credential = yield* daemonCredential(authenticator, request.headers)
        const params = yield* HttpRouter.params
        const runtimeId = yield* runtimeIdFrom(params["runtimeId"] ?? "")
        const runtime = yield* access.runtime(credential, runtimeId)
        const id = decodeId(params["requestId"])
        if (Option.isNone(id)) return yield* absent(kind)
        const found = yield* store.get(runtimeId, id.value).pipe(
          Effect.mapError(({ why }) => unreadable(kind, why))
        )
        if (Option.isNone(found) || found.value.kind !== kind.name) return yield* absent(kind)
        if (Request.isTerminal(found.value)) return done
        yield* inTurn(
          sizeOf(request),
          Effect.gen(function*() {
            const read = yield* readReport(decode, jsonBody(request, kind.reportBound))
            if (read.reported._tag !== "Running") yield* settle(runtime, found.value, read.reported)
            if (read.answer !== undefined) return yield* read.answer
          })
        )
        return done
      },
      Effect.catch(errorResponse)
    )
    return HttpRouter.route("POST", `/api/daemon/runtimes/:runtimeId/${kind.path}/:requestId/result`, report)
  })
}

export const layerReportRoutes = Layer.unwrap(Effect.gen(function*() {
  const gate = yield* Semaphore.make(largeConcurrency)
  return HttpRouter.addAll(yield* Effect.forEach(Kinds.all, (kind) => reportRoute(kind, gate)))
}))
