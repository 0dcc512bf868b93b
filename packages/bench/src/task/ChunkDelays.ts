import { Clock, Effect, Schema } from "effect"
import { BenchFailure } from "../load/BenchFailure.ts"
import { median, percentile, round } from "../load/median.ts"
import type { Muster } from "../load/Muster.ts"
import { awaitTask, createTask, startTaskMachine } from "./TaskMachine.ts"

const chunks = 300
/** Between two chunks, in ms: no divisor of the time that they are gathered. */
const pause = 37
/** How long a daemon gathers text, in ms. */
const gathering = 250

const Item = Schema.fromJsonString(Schema.Union([
  Schema.Struct({
    type: Schema.Literal("event"),
    event: Schema.Struct({
      at: Schema.Finite,
      body: Schema.Union([
        Schema.Struct({ kind: Schema.Literal("text"), text: Schema.String }),
        Schema.Struct({ kind: Schema.String })
      ])
    })
  }),
  Schema.Struct({ type: Schema.String })
]))
const decodeItem = Schema.decodeUnknownSync(Item)

/** One text that the reader got, when, and when the daemon had gathered it; in epoch ms. */
interface Got {
  readonly text: string
  readonly gathered: number
  readonly at: number
}

const gotFrom = (frame: string, at: number): ReadonlyArray<Got> => {
  const data = frame.split("\n").find((line) => line.startsWith("data: "))
  if (data === undefined) return []
  const item = decodeItem(data.slice("data: ".length))
  return "event" in item && "text" in item.event.body
    ? [{ text: item.event.body.text, gathered: item.event.at, at }]
    : []
}

/** Follows a task by its stream until the end. */
const follow = Effect.fnUntraced(function*(muster: Muster, id: string) {
  const clock = yield* Clock.Clock
  return yield* Effect.tryPromise({
    try: async () => {
      const response = await fetch(`${muster.url}/api/tasks/${id}/stream`, {
        headers: { authorization: `Bearer ${muster.token}`, "x-workspace-id": muster.workspace }
      })
      const got: Array<Got> = []
      let rest = ""
      for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
        const at = clock.currentTimeMillisUnsafe()
        const frames = `${rest}${part}`.split("\n\n")
        rest = frames.pop()!
        got.push(...frames.flatMap((frame) => gotFrom(frame, at)))
      }
      return got
    },
    catch: (cause) => new BenchFailure({ message: `stream: ${String(cause)}` })
  })
})

/** One task of `chunks` chunks: the delays of those, in ms. */
const measure = Effect.fnUntraced(function*(reader: Muster, at: Muster, runtime: string) {
  const got = yield* follow(reader, yield* createTask(at, runtime, `chunks ${chunks} ${pause}`))
  const delays = got.flatMap(({ at, text }) => text.trim().split("\n").map((sent) => at - Number(sent)))
  if (delays.length !== chunks) return yield* new BenchFailure({ message: `${delays.length} of ${chunks} chunks` })
  const sent = got.map(({ at, gathered }) => at - gathered)
  return {
    p50_ms: percentile(delays, 0.5),
    p99_ms: percentile(delays, 0.99),
    beyond_p50_ms: percentile(delays, 0.5) - gathering,
    beyond_p99_ms: percentile(delays, 0.99) - gathering,
    gathered_p50_ms: percentile(sent, 0.5),
    gathered_p99_ms: percentile(sent, 0.99)
  }
})

/**
 * From a chunk of an agent until a reader has it, in ms, and the same beyond the time of gathering; `gathered`: since the daemon
 * had gathered it. The reader is at one server, the daemon at the other or the same. Medians of several runs.
 */
export const chunkDelays = Effect.fnUntraced(function*(runs: number, reader: Muster, at: Muster) {
  const { runtime } = yield* startTaskMachine(at)
  yield* awaitTask(at, yield* createTask(at, runtime, "start"))
  const results = yield* Effect.replicateEffect(measure(reader, at, runtime), runs)
  const of = (key: keyof typeof results[number]) => round(median(results.map((one) => one[key])), 1)
  return {
    p50_ms: of("p50_ms"),
    p99_ms: of("p99_ms"),
    beyond_p50_ms: of("beyond_p50_ms"),
    beyond_p99_ms: of("beyond_p99_ms"),
    gathered_p50_ms: of("gathered_p50_ms"),
    gathered_p99_ms: of("gathered_p99_ms")
  }
}, Effect.scoped)
