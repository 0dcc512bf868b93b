import { type Conditions, onMachineClock } from "@muster/kit"
import { type Duration, Effect } from "effect"
import { concernOf, type Memory, readMemory } from "./Memory.ts"
import { mastersOf, type RedisClient } from "./RedisClient.ts"

const condition = "redis-memory"

/** Logged once: a user's rights rarely change. */
const unknown = "cannot check the memory of Redis, because its user may run neither INFO nor CONFIG GET: " +
  "make sure that maxmemory-policy is noeviction"

/**
 * Checks the memory and the eviction policy of every server, now and every `every`, and reports problems. Returns the
 * sentence of the last check; undefined: no problem. A check without an answer changes nothing.
 */
export const watchMemory = Effect.fnUntraced(function*(
  client: RedisClient,
  conditions: Conditions["Service"],
  every: Duration.Input
) {
  const before = new Map<string, Memory>()
  let concern: string | undefined
  let isUnknown = false

  const read = Effect.promise(() =>
    Promise.all(mastersOf(client).map((server) => readMemory(server).then((memory) => ({ server, memory }))))
      .catch(() => undefined)
  )
  const look = Effect.gen(function*() {
    if (client.status !== "ready") return
    const readings = yield* read
    if (readings === undefined) return
    const concerns = readings.map(({ memory, server }) => {
      if (memory === undefined) return undefined
      const name = `${server.options.host}:${server.options.port}`
      const found = concernOf(memory, before.get(name))
      before.set(name, memory)
      return found
    })
    concern = concerns.find((found) => found !== undefined)
    if (concern !== undefined) return yield* conditions.begin(condition, concern)
    yield* conditions.end(condition, "the memory of Redis is in order again")
    if (isUnknown || readings.every(({ memory }) => memory !== undefined)) return
    isUnknown = true
    yield* Effect.logInfo(unknown)
  })

  yield* look
  yield* Effect.sleep(every).pipe(
    onMachineClock,
    Effect.andThen(look),
    Effect.forever,
    Effect.forkScoped
  )
  client.on("ready", () => before.clear())
  return () => concern
})
