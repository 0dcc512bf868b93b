import { Effect, Option, Tracer } from "effect"
import { isTraced } from "./spanIfTraced.ts"

/**
 * Returns the parent span of a request. The request id is the trace id, because both are 16 random bytes: server and daemon
 * add their spans to one trace without a field for it on the wire, whatever version the other one is.
 */
export const requestTrace = (id: string): Tracer.ExternalSpan =>
  Tracer.externalSpan({ traceId: id, spanId: id.slice(0, 16), sampled: true })

/**
 * Runs the effect as a span of the request's trace, linked to the current span. Its log lines contain the request id.
 */
export const inRequestTrace =
  (id: string, name: string, attributes: Readonly<Record<string, string>> = {}) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.annotateLogs(
      Effect.flatMap(isTraced, (traced) => traced ? spanned(id, name, attributes, effect) : effect),
      "request_id",
      id
    )

const spanned = <A, E, R>(
  id: string,
  name: string,
  attributes: Readonly<Record<string, string>>,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.flatMap(Effect.option(Effect.currentSpan), (current) => {
    const parent = requestTrace(id)
    const inIt = Option.exists(current, ({ traceId }) => traceId === id)
    const span = {
      attributes: { ...attributes, "muster.request_id": id },
      // A current span in the same trace is the parent as usual.
      ...(inIt ? {} : { parent, links: Option.isSome(current) ? [{ span: current.value, attributes: {} }] : [] })
    }
    // Link back as well, so that the request can be found from the span that asked for it.
    if (!inIt && Option.isSome(current)) current.value.addLinks([{ span: parent, attributes: {} }])
    return effect.pipe(Effect.withSpan(name, span, { captureStackTrace: false })) as Effect.Effect<A, E, R>
  })

/** Runs the effect with the request's trace as the parent of its spans. */
export const withRequestTrace = (id: string) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(
    isTraced,
    (traced) => traced ? Effect.withParentSpan(effect, requestTrace(id)) as Effect.Effect<A, E, R> : effect
  )
