import { Console, Effect, Schema } from "effect"
import { child } from "../load/Child.ts"
import { load, requestBytes } from "../load/LoadClient.ts"
import { median, round } from "../load/median.ts"
import { startMuster } from "../load/Muster.ts"

const connections = 64
const rounds = 15
const millis = 700

const Listening = Schema.Struct({ port: Schema.Int })

interface Side {
  readonly port: number
  readonly cpu: Effect.Effect<number, unknown>
}

/** One round against one side: requests per second, and the side's processor time per request in µs. */
const measure = Effect.fnUntraced(function*({ cpu, port }: Side, bytes: Buffer) {
  const before = yield* cpu
  const { count, rate } = yield* load(port, bytes, connections, millis)
  return { rate, micros: ((yield* cpu) - before) / count }
})

/**
 * Idle HTTP beats per second of one runtime, against a bare node:http server that parses the same body and sends the
 * same bytes: each in a process of its own, in turn, `rounds` times.
 */
export const beats = Effect.gen(function*() {
  const muster = yield* startMuster
  const bare = yield* child(new URL("./bare.ts", import.meta.url), [], Listening)
  const id = yield* muster.register("bench")
  const bytes = requestBytes({
    path: "/api/daemon/heartbeat",
    token: muster.token,
    body: JSON.stringify({ runtime_id: id })
  })
  for (const side of [bare, muster, bare, muster]) yield* load(side.port, bytes, connections, 2 * millis)
  const pairs = yield* Effect.forEach(Array.from({ length: rounds }), (_, i) =>
    Effect.gen(function*() {
      const theirs = yield* measure(bare, bytes)
      const ours = yield* measure(muster, bytes)
      yield* Console.error(`round ${i + 1}: node:http ${round(theirs.rate, 0)}/s, muster ${round(ours.rate, 0)}/s`)
      return { ours, theirs }
    }))
  return {
    bench: "beats",
    ratio: round(median(pairs.map(({ ours, theirs }) => ours.rate / theirs.rate))),
    cpu_ratio: round(median(pairs.map(({ ours, theirs }) => theirs.micros / ours.micros))),
    beats_per_second: round(median(pairs.map(({ ours }) => ours.rate)), 0),
    bare_per_second: round(median(pairs.map(({ theirs }) => theirs.rate)), 0),
    cpu_us_per_beat: round(median(pairs.map(({ ours }) => ours.micros)), 1),
    bare_cpu_us: round(median(pairs.map(({ theirs }) => theirs.micros)), 1),
    connections,
    rounds
  }
}).pipe(Effect.scoped)
