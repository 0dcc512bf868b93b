import { expect, it } from "@effect/vitest"
import { spanIfTraced } from "@muster/kit"
import { Effect, Option, Tracer } from "effect"

const nameOfSpan = Effect.map(Effect.option(Effect.currentSpan), Option.map(({ name }) => name))

it.effect("creates no span for the default tracer, and one for a tracing backend", () =>
  Effect.gen(function*() {
    const operation = spanIfTraced("Store.get")(nameOfSpan)
    expect(yield* operation).toEqual(Option.none())
    const backend = Tracer.make({ span: (options) => new Tracer.NativeSpan(options) })
    expect(yield* Effect.withTracer(operation, backend)).toEqual(Option.some("Store.get"))
  }))
