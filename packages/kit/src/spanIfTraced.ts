import { Effect, Tracer } from "effect"

/** Whether a tracing backend is installed. If not, nobody sees a span. */
export const isTraced: Effect.Effect<boolean> = Effect.map(Effect.tracer, (tracer) => tracer !== Tracer.nativeTracer)

/**
 * Runs the effect in a span of this name if a tracing backend is installed. The default tracer makes spans that nobody can
 * see, for 2 µs each, which counts where an operation of a store takes 40.
 */
export const spanIfTraced = (name: string) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(
    isTraced,
    (traced) =>
      traced
        ? effect.pipe(Effect.withSpan(name, {}, { captureStackTrace: false })) as Effect.Effect<A, E, R>
        : effect
  )
