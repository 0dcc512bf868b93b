import { Console, Effect, type FileSystem, Schema } from "effect"
import { child } from "../load/Child.ts"
import { load, requestBytes } from "../load/LoadClient.ts"
import { median, round } from "../load/median.ts"
import { type Muster, startMuster } from "../load/Muster.ts"

const connections = 64
const rounds = 15
const millis = 700

/** As many as a workspace may have. */
const Runtimes = Schema.NumberFromString.check(Schema.isInt(), Schema.isBetween({ minimum: 1, maximum: 10_000 }))

const Listening = Schema.Struct({ port: Schema.Int })

interface Side {
  readonly port: number
  readonly cpu: Effect.Effect<number, unknown>
}

/** One round against one side: requests per second, and the side's processor time per request in µs. */
const measure = Effect.fnUntraced(function*({ cpu, port }: Side, requests: ReadonlyArray<Buffer>, enough?: number) {
  const before = yield* cpu
  const { count, rate } = yield* load(port, requests, connections, millis, enough)
  return { rate, micros: ((yield* cpu) - before) / count }
})

/** Registers this many runtimes, each of a daemon of its own, and returns the beat of each. */
const beatsOf = (muster: Muster, runtimes: number) =>
  Effect.forEach(
    Array.from({ length: runtimes }),
    (_, i) =>
      Effect.map(muster.register(`bench-${i}`), (id) =>
        requestBytes({
          path: "/api/daemon/heartbeat",
          token: muster.token,
          body: JSON.stringify({ runtime_id: id })
        })),
    { concurrency: 8 }
  )

/**
 * Idle HTTP beats per second of one runtime, against a bare node:http server that parses the same body and sends the
 * same bytes: each in a process of its own, in turn, `rounds` times.
 */
const againstBare = Effect.gen(function*() {
  const muster = yield* startMuster
  const bare = yield* child(new URL("./bare.ts", import.meta.url), [], Listening)
  const requests = yield* beatsOf(muster, 1)
  for (const side of [bare, muster, bare, muster]) yield* load(side.port, requests, connections, 2 * millis)
  const pairs = yield* Effect.forEach(Array.from({ length: rounds }), (_, i) =>
    Effect.gen(function*() {
      const theirs = yield* measure(bare, requests)
      const ours = yield* measure(muster, requests)
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
})

/** The fleet that another one is compared with. */
const small = 16

/** Longer than any cache of a server keeps a row. */
const outdated = "25 seconds"

/**
 * Processor time per beat of a server with `runtimes` runtimes that beat in turn, against one with 16: in turn, `rounds`
 * times. `unread`: the first beats after a pause, when no row is cached and each is read from the embedded database.
 */
const ofFleet = Effect.fnUntraced(function*(runtimes: number) {
  const [few, many] = [yield* startMuster, yield* startMuster]
  const [fewBeats, manyBeats] = [yield* beatsOf(few, small), yield* beatsOf(many, runtimes)]
  for (const _ of [1, 2]) {
    yield* load(few.port, fewBeats, connections, 2 * millis)
    yield* load(many.port, manyBeats, connections, 2 * millis)
  }
  const pairs = yield* Effect.forEach(Array.from({ length: rounds }), (_, i) =>
    Effect.gen(function*() {
      const base = yield* measure(few, fewBeats)
      const ours = yield* measure(many, manyBeats)
      yield* Console.error(
        `round ${i + 1}: ${small} runtimes ${round(base.micros, 1)} µs, ${runtimes} ${round(ours.micros, 1)} µs`
      )
      return { base, ours }
    }))
  yield* Effect.sleep(outdated)
  const unread = yield* measure(many, manyBeats, runtimes)
  return {
    bench: "beats",
    runtimes,
    cpu_ratio_to_16: round(median(pairs.map(({ base, ours }) => ours.micros / base.micros))),
    cpu_us_per_beat: round(median(pairs.map(({ ours }) => ours.micros)), 1),
    cpu_us_per_beat_16: round(median(pairs.map(({ base }) => base.micros)), 1),
    unread_cpu_us_per_beat: round(unread.micros, 1),
    connections,
    rounds
  }
})

const option = process.argv.indexOf("--runtimes")

/** `--runtimes N` compares a fleet of N runtimes with one of 16; without it, one runtime with a bare server. */
export const beats: Effect.Effect<unknown, unknown, FileSystem.FileSystem> = option < 0
  ? Effect.scoped(againstBare)
  : Effect.flatMap(
    Schema.decodeUnknownEffect(Runtimes)(process.argv[option + 1]),
    (runtimes) => Effect.scoped(ofFleet(runtimes))
  )
