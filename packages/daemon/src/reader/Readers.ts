import { Conditions, onMachineClock } from "@muster/kit"
import { Clock, Context, Data, Effect, Layer, Pool, RcMap, type Scope, Semaphore } from "effect"
import type { ProcessTree } from "../process/ProcessTree.ts"
import type { SpawnFailed } from "../process/Starter.ts"
import { type Answer, type Reader, ReaderBounds, type ReaderHung, ReaderLost, startReader } from "./Reader.ts"
import { ShutPlaces } from "./ShutPlaces.ts"

/** How long an idle reader is kept. */
const idle = "20 seconds"

/** How many places may hang during one question: each costs 10 s. */
const maxHangs = 4

/** Files could not be read. `message`: one sentence for a person. */
export class ReadFailed extends Data.TaggedError("ReadFailed")<{ readonly message: string }> {}

/** Starts readers, and counts each until it has ended: a process that is blocked in a call survives SIGKILL. */
const startCounted = (
  living: Set<ProcessTree>,
  max: number
): Effect.Effect<Reader, ReaderLost | SpawnFailed, Scope.Scope> =>
  Effect.suspend((): Effect.Effect<Reader, ReaderLost | SpawnFailed, Scope.Scope> => {
    if (living.size >= max) {
      const message = `${living.size} processes wait for disks that do not answer and cannot be stopped: ` +
        `repair or unmount those disks, then restart the daemon`
      return Effect.fail(new ReaderLost({ message }))
    }
    return Effect.tap(startReader, ({ tree }) => {
      living.add(tree)
      return Effect.forkDetach(Effect.andThen(tree.exited, Effect.sync(() => living.delete(tree))))
    })
  })

interface Parts {
  readonly conditions: Conditions["Service"]
  readonly places: ShutPlaces
  readonly pool: Pool.Pool<Reader, ReaderLost | SpawnFailed>
}

/** Asks readers, one after the other, until one does not reach a folder that hangs. */
const makeAttempt = ({ conditions, places, pool }: Parts) => {
  const shut = Effect.fnUntraced(function*({ path, place, tree }: ReaderHung) {
    places.hung(place, { at: yield* Clock.currentTimeMillis, tree })
    yield* conditions.begin(
      "folders that do not answer",
      "a folder did not answer within 10 s; skipping it for a minute",
      { annotations: { folder: place, path }, lapse: "all folders answer again" }
    )
  })

  /** Asks one reader. A reader that did not answer is ended. */
  const once = (job: string, input: unknown) =>
    Effect.scoped(Effect.gen(function*() {
      const reader = yield* Pool.get(pool)
      const now = yield* Clock.currentTimeMillis
      return yield* reader.ask({ job, input, shut: places.shut(now) }).pipe(
        Effect.tapErrorTag("ReaderHung", shut),
        Effect.onError(() => Pool.invalidate(pool, reader))
      )
    }))

  const attempt = (job: string, input: unknown, hangs: number): Effect.Effect<Answer, ReadFailed> =>
    once(job, input).pipe(
      // The place is skipped for longer if its process could not be ended.
      Effect.tapErrorTag("ReaderHung", ({ tree }) => onMachineClock(Effect.timeoutOption(tree.exited, "1 second"))),
      Effect.catchTag("ReaderHung", ({ place }) =>
        hangs + 1 < maxHangs
          ? attempt(job, input, hangs + 1)
          : Effect.fail({ message: `${maxHangs} folders did not answer, the last of them ${place}` })),
      Effect.mapError(({ message }) => new ReadFailed({ message }))
    )

  return (job: string, input: unknown) => attempt(job, input, 0)
}

const resultOf = (answer: Answer) =>
  "result" in answer ? Effect.succeed(answer.result) : Effect.fail(new ReadFailed({ message: answer.problem }))

/**
 * Reads files that may be on a disk that does not answer. A blocked call occupies one of libuv's four threads until its process
 * ends. So such calls are made in child processes, which can be killed.
 */
export class Readers extends Context.Service<Readers, {
  /**
   * Returns the result of a job of `ReaderMain.ts`. `who` has one question at a time; its others wait. At most eight readers
   * work. A folder that does not answer a call within 10 s is skipped for a minute: the job continues without it.
   */
  readonly ask: (who: string, job: string, input: unknown) => Effect.Effect<unknown, ReadFailed>
}>()("@muster/daemon/reader/Readers") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const conditions = yield* Conditions
      const bounds = yield* ReaderBounds
      const living = new Set<ProcessTree>()
      const gates = yield* RcMap.make<string, Semaphore.Semaphore, never, never>({ lookup: () => Semaphore.make(1) })
      const pool = yield* Pool.makeWithTTL({
        acquire: startCounted(living, bounds.living),
        min: 0,
        max: bounds.working,
        timeToLive: idle
      })

      const attempt = makeAttempt({ conditions, places: new ShutPlaces(living), pool })
      return {
        ask: (who, job, input) =>
          Effect.scoped(Effect.flatMap(RcMap.get(gates, who), (gate) => gate.withPermit(attempt(job, input)))).pipe(
            Effect.flatMap(resultOf)
          )
      }
    })
  ).pipe(Layer.provide(Conditions.layer))
}
