import { Effect } from "effect"
import { Redis } from "ioredis"
import { median, round } from "../load/median.ts"

const times = 1_000

/** `times` calls in sequence: the mean duration of one, in µs. */
const oneRound = (call: () => Promise<unknown>) =>
  Effect.promise(() => {
    const started = performance.now()
    const more = (left: number): Promise<number> =>
      call().then(() => left === 1 ? ((performance.now() - started) / times) * 1_000 : more(left - 1))
    return more(times)
  })

/** A call of a bare client, measured in rounds. */
const measured = (call: () => Promise<unknown>) => {
  const rounds: Array<number> = []
  return {
    measure: Effect.map(oneRound(call), (micros) => {
      rounds.push(micros)
      return micros
    }),
    typical: () => round(median(rounds), 0)
  }
}

/** The duration of one call of a bare client, in sequence, in µs: the minimum of any store on this Redis. */
export const roundTrips = (url: string) =>
  Effect.gen(function*() {
    const client = yield* Effect.acquireRelease(
      Effect.sync(() => new Redis(url)),
      (client) => Effect.promise(() => client.quit())
    )
    const sha = yield* Effect.promise(() => client.script("LOAD", "return 1") as Promise<string>)
    // The first round of each is not counted: the connection and the code are cold.
    yield* oneRound(() => client.ping())
    yield* oneRound(() => client.evalsha(sha, 1, "{a}:b"))
    return { ping: measured(() => client.ping()), script: measured(() => client.evalsha(sha, 1, "{a}:b")) }
  })
