import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import type { Store } from "@muster/domain"
import { Deferred, type Duration, Effect, Exit, Fiber, Queue, Scope } from "effect"
import { makeBatcher } from "../../src/client/Batcher.ts"

/** A batcher of numbers whose statements a test answers itself, and sees when they are sent. */
const scene = Effect.fnUntraced(function*(
  { deadline = "1 minute", max = 100, sizeOf, statements = 1 }: {
    statements?: number
    deadline?: Duration.Input
    max?: number
    sizeOf?: (n: number) => number
  }
) {
  const departures = yield* Queue.unbounded<{
    readonly inputs: ReadonlyArray<number>
    readonly end: Deferred.Deferred<void, string>
  }>()
  const call = yield* makeBatcher({
    operation: "Test.call",
    deadline,
    max,
    statements,
    ...(sizeOf !== undefined && { sizeOf }),
    run: (inputs: ReadonlyArray<number>) =>
      Effect.gen(function*() {
        const end = yield* Deferred.make<void, string>()
        Queue.offerUnsafe(departures, { inputs, end })
        yield* Deferred.await(end)
        return inputs.map((n) => n * 10)
      })
  })
  const begin = (n: number) => Effect.forkChild(call(n), { startImmediately: true })
  return { begin, call, next: Queue.take(departures) }
})

describe("Batcher", () => {
  it.effect("an idle batcher sends immediately, and calls that arrive meanwhile are sent together", () =>
    Effect.gen(function*() {
      const { begin, next } = yield* scene({})
      const first = yield* begin(1)
      const departed = yield* next
      deepStrictEqual(departed.inputs, [1])
      const others = yield* Effect.forEach([2, 3, 4], begin)
      yield* Deferred.succeed(departed.end, undefined)
      strictEqual(yield* Fiber.join(first), 10)
      const together = yield* next
      deepStrictEqual(together.inputs, [2, 3, 4])
      yield* Deferred.succeed(together.end, undefined)
      deepStrictEqual(yield* Effect.forEach(others, (fiber) => Fiber.join(fiber)), [20, 30, 40])
    }))

  it.effect("as many statements run at once as are allowed, and the calls beyond are sent together", () =>
    Effect.gen(function*() {
      const { begin, next } = yield* scene({ statements: 2 })
      const fibers = [yield* begin(1)]
      const first = yield* next
      fibers.push(yield* begin(2))
      const second = yield* next
      fibers.push(...(yield* Effect.forEach([3, 4], begin)))
      yield* Deferred.succeed(second.end, undefined)
      const third = yield* next
      deepStrictEqual([first, second, third].map(({ inputs }) => inputs), [[1], [2], [3, 4]])
      yield* Effect.forEach([first, third], ({ end }) => Deferred.succeed(end, undefined))
      deepStrictEqual(yield* Effect.forEach(fibers, (fiber) => Fiber.join(fiber)), [10, 20, 30, 40])
    }))

  it.effect.each([
    { calls: [1, 2, 3], statements: [[1, 2, 3]] },
    { calls: [1, 2, 3, 4, 5, 6], statements: [[1, 2, 3, 4], [5, 6]] },
    { calls: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], statements: [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]] }
  ])(
    "of several statements, the first leaves half of $calls.length calls to the next, but takes four",
    ({ calls, statements }) =>
      Effect.gen(function*() {
        const { begin, next } = yield* scene({ statements: 3 })
        const fibers = yield* Effect.forEach(calls, begin)
        const departed = yield* Effect.forEach(statements, () => next)
        deepStrictEqual(departed.map(({ inputs }) => inputs), statements)
        yield* Effect.forEach(departed, ({ end }) => Deferred.succeed(end, undefined))
        deepStrictEqual(yield* Effect.forEach(fibers, (fiber) => Fiber.join(fiber)), calls.map((n) => n * 10))
      })
  )

  it.effect("a statement takes no more calls, and no more characters, than its maximum", () =>
    Effect.gen(function*() {
      const { begin, next } = yield* scene({ max: 3, sizeOf: (n) => n === 9 ? 1_000_000 : 1 })
      yield* begin(0)
      const departed = yield* next
      yield* Effect.forEach([1, 2, 3, 9, 5, 6], begin)
      yield* Deferred.succeed(departed.end, undefined)
      const seen: Array<ReadonlyArray<number>> = []
      for (let i = 0; i < 3; i++) {
        const { end, inputs } = yield* next
        seen.push(inputs)
        yield* Deferred.succeed(end, undefined)
      }
      deepStrictEqual(seen, [[1, 2, 3], [9], [5, 6]])
    }))

  it.effect("a call that is interrupted before it is sent has done nothing", () =>
    Effect.gen(function*() {
      const { begin, next } = yield* scene({})
      yield* begin(1)
      const departed = yield* next
      const [leaving] = yield* Effect.forEach([2, 3], begin)
      yield* Fiber.interrupt(leaving!)
      yield* Deferred.succeed(departed.end, undefined)
      deepStrictEqual((yield* next).inputs, [3])
    }))

  it.effect("a failed statement fails its own calls and no others", () =>
    Effect.gen(function*() {
      const { begin, next } = yield* scene({})
      const first = yield* begin(1)
      const departed = yield* next
      const second = yield* begin(2)
      yield* Deferred.fail(departed.end, "broken")
      strictEqual(yield* Effect.flip(Fiber.join(first)), "broken")
      yield* Deferred.succeed((yield* next).end, undefined)
      strictEqual(yield* Fiber.join(second), 20)
    }))

  it.effect("F-34 a call that waited too long fails, sent or not, and has done nothing if it was not sent", () =>
    Effect.gen(function*() {
      const { begin, next } = yield* scene({ deadline: "1 second" })
      const first = yield* begin(1)
      const departed = yield* next
      const second = yield* begin(2)
      for (const fiber of [first, second]) {
        const error = yield* Effect.flip(Fiber.join(fiber))
        assertTrue(typeof error !== "string" && error._tag === "StoreUnavailable")
      }
      yield* Deferred.succeed(departed.end, undefined)
      yield* begin(3)
      deepStrictEqual((yield* next).inputs, [3])
    }))

  it.effect("a call that finds the queue full is refused, and so is every remaining call when the scope ends", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const { begin, call, next } = yield* Scope.provide(scene({}), scope)
      const first = yield* begin(0)
      yield* next
      const waiting = yield* Effect.forEach(Array.from({ length: 10_000 }, (_, i) => i), begin)
      const isUnavailable = (error: string | Store.StoreUnavailable) =>
        assertTrue(typeof error !== "string" && error._tag === "StoreUnavailable")
      isUnavailable(yield* Effect.flip(call(0)))
      yield* Scope.close(scope, Exit.void)
      for (const fiber of [first, ...waiting]) isUnavailable(yield* Effect.flip(Fiber.join(fiber)))
    }))
})
