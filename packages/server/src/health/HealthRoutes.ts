import { abandonable } from "@muster/domain"
import { Duration, Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { Draining } from "../socket/Draining.ts"
import { Readiness } from "./Readiness.ts"

/** The longest that one check may take. */
const bound = Duration.seconds(2)

/** How long an answer is reused, so that a crowd of probes costs one look. */
const freshFor = Duration.seconds(1)

/** Nobody waits for the end of a check that is given up: a database that has stopped answering is seconds in coming to it. */
const verdictOf = (check: Effect.Effect<void, unknown>) =>
  abandonable(check).pipe(
    Effect.timeout(bound),
    Effect.matchCause({ onFailure: () => "error", onSuccess: () => "ok" })
  )

/** `/healthz`: the process answers. `/readyz`: the stores answer too, so that people can use it. Neither needs a token. */
export const layerHealthRoutes = Layer.unwrap(Effect.gen(function*() {
  const readiness = yield* Readiness
  const draining = yield* Draining

  const look = Effect.gen(function*() {
    const names = Object.keys(readiness.checks)
    const results = yield* Effect.forEach(Object.values(readiness.checks), verdictOf, { concurrency: "unbounded" })
    const checks: Record<string, string> = Object.fromEntries(names.map((name, i) => [name, results[i]!]))
    return { checks, ready: results.every((result) => result === "ok") }
  })
  const cached = yield* Effect.cachedWithTTL(look, freshFor)

  const alive = Effect.succeed(HttpServerResponse.jsonUnsafe({ status: "ok" }))
  const ready = Effect.gen(function*() {
    const { checks, ready } = yield* cached
    const stopping = draining.begun()
    const body = { environment: readiness.environment, checks }
    return ready && !stopping
      ? HttpServerResponse.jsonUnsafe({ status: "ok", ...body })
      : HttpServerResponse.jsonUnsafe({ status: stopping ? "stopping" : "not_ready", ...body }, { status: 503 })
  })
  return HttpRouter.addAll([
    HttpRouter.route("GET", "/health", alive),
    HttpRouter.route("GET", "/healthz", alive),
    HttpRouter.route("GET", "/readyz", ready)
  ])
}))
