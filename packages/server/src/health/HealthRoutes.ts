import type { Store } from "@muster/domain"
import { interruptInBackground } from "@muster/kit"
import { Duration, Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { StoreTrouble } from "../condition/StoreTrouble.ts"
import { Draining } from "../socket/Draining.ts"
import { Readiness } from "./Readiness.ts"

/** How long one check may take. */
const checkTimeout = Duration.seconds(2)

/** How long an answer is reused, so that many callers cost one check. */
const freshFor = Duration.seconds(1)

interface Verdict {
  readonly status: "ok" | "error" | "failing" | "at_risk" | "limited"
  /** Why it is not `ok`, for people; absent if only the log has the reason. */
  readonly why?: string
}

const late: Verdict = { status: "error", why: `no answer within ${Duration.format(checkTimeout)}` }

/** Does not wait for an abandoned check to end: cancelling a call to an unresponsive database takes seconds. */
const verdictOf = (check: Effect.Effect<void, Store.StoreUnavailable>): Effect.Effect<Verdict> =>
  interruptInBackground(check).pipe(
    Effect.as<Verdict>({ status: "ok" }),
    Effect.timeoutOrElse({ duration: checkTimeout, orElse: () => Effect.succeed(late) }),
    Effect.catch(({ reason }) =>
      Effect.succeed<Verdict>({ status: "error", ...(reason === undefined ? {} : { why: reason }) })
    ),
    Effect.catchCause(() => Effect.succeed<Verdict>({ status: "error" }))
  )

const reasonsOf = (verdicts: ReadonlyMap<string, Verdict>) => {
  const reasons = Object.fromEntries([...verdicts].flatMap(([name, { why }]) => why === undefined ? [] : [[name, why]]))
  return Object.keys(reasons).length === 0 ? {} : { reasons }
}

/**
 * `/healthz`: the process responds. `/readyz`: its stores accept writes; 503 if a check fails. A store that passes its check
 * but failed an operation within the last minute is `failing`, with status 200: its other operations still work. Also with
 * status 200: `at_risk`, a store that may fail soon, and `limited`, a feature that works with restrictions. Neither route
 * needs a token.
 */
export const layerHealthRoutes = Layer.unwrap(Effect.gen(function*() {
  const readiness = yield* Readiness
  const draining = yield* Draining
  const trouble = yield* StoreTrouble
  const { risks = Effect.succeed<Readonly<Record<string, string>>>({}) } = readiness

  const look = Effect.gen(function*() {
    const checked = yield* Effect.forEach(
      Object.entries(readiness.checks),
      ([name, check]) => Effect.map(verdictOf(check), (verdict): [string, Verdict] => [name, verdict]),
      { concurrency: "unbounded" }
    )
    const verdicts = new Map(checked)
    for (const [name, why] of Object.entries(yield* risks)) {
      if (verdicts.get(name)?.status === "ok") verdicts.set(name, { status: "at_risk", why })
    }
    for (const [store, { why }] of yield* trouble.current) {
      if (verdicts.get(store)?.status !== "error") verdicts.set(store, { status: "failing", why })
    }
    for (const [name, limit] of Object.entries(readiness.limits ?? {})) {
      const why = yield* limit
      if (!verdicts.has(name)) verdicts.set(name, why === undefined ? { status: "ok" } : { status: "limited", why })
    }
    return {
      ready: checked.every(([, { status }]) => status === "ok"),
      checks: Object.fromEntries([...verdicts].map(([name, { status }]) => [name, status])),
      ...reasonsOf(verdicts)
    }
  })
  const cached = yield* Effect.cachedWithTTL(look, freshFor)

  const alive = Effect.succeed(HttpServerResponse.jsonUnsafe({ status: "ok" }))
  const ready = Effect.gen(function*() {
    const { ready, ...found } = yield* cached
    const stopping = draining.begun()
    const body = { environment: readiness.environment, ...found }
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
