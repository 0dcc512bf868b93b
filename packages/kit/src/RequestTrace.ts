import { Context, Effect, Option, Tracer } from "effect"

/** Whether spans are exported. Where they are not, none are made for requests. */
export const Traced = Context.Reference<boolean>("@muster/kit/Traced", { defaultValue: () => false })

/**
 * A request's place in tracing. Its id is its trace id, for both are 16 random bytes: so server and daemon put their
 * spans of it into one trace without a word about it on the wire, whatever version the other one is.
 */
export const requestTrace = (id: string): Tracer.ExternalSpan =>
  Tracer.externalSpan({ traceId: id, spanId: id.slice(0, 16), sampled: true })

/**
 * Runs the effect as a span of the request's trace, linked to the span that it is run in. Its logs bear the request's id.
 */
export const inRequestTrace =
  (id: string, name: string, attributes: Readonly<Record<string, string>> = {}) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.annotateLogs(
      Effect.flatMap(Traced, (traced) => traced ? spanned(id, name, attributes, effect) : effect),
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
      // A span that is in the trace already is the parent as usual.
      ...(inIt ? {} : { parent, links: Option.isSome(current) ? [{ span: current.value, attributes: {} }] : [] })
    }
    // The other way round, so that one finds the request from whatever asked for it.
    if (!inIt && Option.isSome(current)) current.value.addLinks([{ span: parent, attributes: {} }])
    return effect.pipe(Effect.withSpan(name, span, { captureStackTrace: false })) as Effect.Effect<A, E, R>
  })
