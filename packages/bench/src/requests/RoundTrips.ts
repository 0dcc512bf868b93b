import { Effect } from "effect"
import { Redis } from "ioredis"
import { median, round } from "../load/median.ts"

const rounds = 5
const times = 2_000

/** What one call of a bare client takes, one after the other, in µs: the least that any store on this Redis can take. */
export const roundTrips = (url: string) =>
  Effect.gen(function*() {
    const client = yield* Effect.acquireRelease(
      Effect.sync(() => new Redis(url)),
      (client) => Effect.promise(() => client.quit())
    )
    const sha = yield* Effect.promise(() => client.script("LOAD", "return 1") as Promise<string>)
    const each = (call: () => Promise<unknown>) =>
      Effect.promise(async () => {
        const taken: Array<number> = []
        for (let i = 0; i <= rounds; i++) {
          const started = performance.now()
          for (let j = 0; j < times; j++) await call()
          if (i > 0) taken.push(((performance.now() - started) / times) * 1_000)
        }
        return round(median(taken), 0)
      })
    return { ping: yield* each(() => client.ping()), empty_script: yield* each(() => client.evalsha(sha, 1, "{a}:b")) }
  })
