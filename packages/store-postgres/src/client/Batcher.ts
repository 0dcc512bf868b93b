import type { Store } from "@muster/domain"
import { machineNow, onMachineClock } from "@muster/kit"
import { Duration, Effect, Exit, Queue, type Scope } from "effect"
import { gaveUp } from "./Fault.ts"
import { operationDeadline, tooLate } from "./Operation.ts"

/** One call in flight. */
interface Seat<In, Out, E> {
  readonly input: In
  /** Its deadline, in ms of the machine's clock. */
  readonly until: number
  readonly answer: (exit: Exit.Exit<Out, E | Store.StoreUnavailable>) => void
}

export interface BatchOptions<In, Out, E> {
  /** The operation in the error of a refused call, as `Service.method`. */
  readonly operation: string
  /** The maximum number of calls in one statement. */
  readonly max: number
  /** How many statements may run at once; 1 by default. */
  readonly statements?: number
  /** How much of a statement a call takes, in characters; not counted by default. */
  readonly sizeOf?: (input: In) => number
  /** How long a call may take, including the wait for its turn, plus up to one check; 6 s by default. */
  readonly deadline?: Duration.Input
  /** Answers each of the calls, in their order, by one statement. */
  readonly run: (inputs: ReadonlyArray<In>) => Effect.Effect<ReadonlyArray<Out>, E>
}

/** The maximum number of calls that wait for their turn; one more is refused. */
const mostWaiting = 10_000

/** The minimum number of calls in a statement while more of them wait: a smaller one costs more than it gains. */
const minShare = 4

/**
 * How many of the calls that wait the next statement takes. Where several may run, one that runs alone leaves half to the next, so that
 * this process works while the database does.
 */
const shareOf = (waiting: number, running: number, statements: number) =>
  statements === 1 || running > 0 ? waiting : Math.max(minShare, Math.ceil(waiting / 2))

/** How often deadlines are checked: a timer for each call would cost more than the call. */
const lookEvery = "500 millis"

/** The characters after which a statement takes no further call. */
const fullAt = 1_000_000

/** The calls, cut into statements. */
const statementsOf = <In, Seats extends { readonly input: In }>(
  seats: ReadonlyArray<Seats>,
  sizeOf: (input: In) => number
) => {
  const statements: Array<Array<Seats>> = []
  let size = fullAt
  for (const seat of seats) {
    if (size >= fullAt) {
      statements.push([])
      size = 0
    }
    statements.at(-1)!.push(seat)
    size += sizeOf(seat.input)
  }
  return statements
}

const unavailable = (operation: string, why: string) => Exit.fail(gaveUp(operation, why))

/**
 * Makes one statement of the calls that arrive while the ones before run, of which there are `statements`; an idle batcher sends
 * immediately, so no call waits to be batched. A caller that is interrupted before the statement is sent has done
 * nothing; later, the result is unknown to it. Each call has a deadline. All calls of a statement fail with it, and all
 * remaining ones with the scope.
 */
export const makeBatcher = <In, Out, E>(
  { deadline = operationDeadline, max, operation, run, sizeOf = () => 0, statements = 1 }: BatchOptions<In, Out, E>
): Effect.Effect<(input: In) => Effect.Effect<Out, E | Store.StoreUnavailable>, never, Scope.Scope> =>
  Effect.gen(function*() {
    const queue = yield* Queue.dropping<Seat<In, Out, E>>(mostWaiting)
    const timeout = Duration.toMillis(Duration.fromInputUnsafe(deadline))
    /** Those whose callers still wait, in order of arrival. */
    const seated = new Set<Seat<In, Out, E>>()
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        for (const { answer } of seated) answer(unavailable(operation, "the store was closed"))
      })
    )

    const execute = (taken: ReadonlyArray<Seat<In, Out, E>>) =>
      Effect.suspend(() => {
        const seats = taken.filter((seat) => seated.has(seat))
        if (seats.length === 0) return Effect.void
        return Effect.map(Effect.exit(Effect.suspend(() => run(seats.map(({ input }) => input)))), (exit) => {
          for (const [i, seat] of seats.entries()) {
            seated.delete(seat)
            seat.answer(Exit.map(exit, (answers) => answers[i] as Out))
          }
        })
      })
    const depart = (taken: ReadonlyArray<Seat<In, Out, E>>) =>
      Effect.forEach(statementsOf(taken, sizeOf), execute, { discard: true })
    /** How many statements run. */
    let running = 0
    const nextCalls = Effect.flatMap(Queue.take(queue), (first) => {
      const waiting = 1 + Queue.sizeUnsafe(queue)
      const others = Math.min(shareOf(waiting, running, statements), waiting, max) - 1
      return others === 0
        ? Effect.succeed([first])
        : Effect.map(Queue.takeBetween(queue, 1, others), (rest) => [first, ...rest])
    })
    const departure = Effect.flatMap(nextCalls, (taken) => {
      running++
      return Effect.ensuring(depart(taken), Effect.sync(() => running--))
    })
    const departures = Effect.forever(departure)
    yield* Effect.replicateEffect(Effect.forkScoped(departures), statements, { discard: true })

    const dismissLate = Effect.map(Effect.exit(tooLate(operation)), (exit) => {
      const now = machineNow()
      for (const seat of seated) {
        if (seat.until > now) break
        seated.delete(seat)
        seat.answer(exit)
      }
    })
    yield* Effect.forkScoped(onMachineClock(Effect.forever(Effect.andThen(Effect.sleep(lookEvery), dismissLate))))

    return (input) =>
      Effect.callback((resume) => {
        const seat: Seat<In, Out, E> = { input, until: machineNow() + timeout, answer: resume }
        if (!Queue.offerUnsafe(queue, seat)) {
          return resume(unavailable(operation, "too many calls wait for the database"))
        }
        seated.add(seat)
        return Effect.sync(() => seated.delete(seat))
      })
  })
