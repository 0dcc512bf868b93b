import { Effect } from "effect"
import { Redis } from "ioredis"
import { median, round } from "../load/median.ts"

const rounds = 5
const times = 2_000

/** This number of calls, in sequence: the duration of each, in µs. */
const oneRound = (call: () => Promise<unknown>) =>
  Effect.promise(() => {
    const started = performance.now()
    const more = (left: number): Promise<number> =>
      call().then(() => left === 1 ? ((performance.now() - started) / times) * 1_000 : more(left - 1))
    return more(times)
  })

/** The median of the rounds after the first. */
const typical = (call: () => Promise<unknown>) =>
  Effect.map(
    Effect.forEach(Array.from({ length: rounds + 1 }), () => oneRound(call)),
    ([, ...counted]) => round(median(counted), 0)
  )

/** The duration of one call of a bare client, in sequence, in µs: the minimum of any store on this Redis. */
export const roundTrips = (url: string) =>
  Effect.gen(function*() {
    const client = yield* Effect.acquireRelease(
      Effect.sync(() => new Redis(url)),
      (client) => Effect.promise(() => client.quit())
    )
    const sha = yield* Effect.promise(() => client.script("LOAD", "return 1") as Promise<string>)
    return {
      ping: yield* typical(() => client.ping()),
      empty_script: yield* typical(() => client.evalsha(sha, 1, "{a}:b"))
    }
  }).pipe(Effect.scoped)
