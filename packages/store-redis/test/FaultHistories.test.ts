import { assert, describe, it } from "@effect/vitest"
import {
  checkedHistories,
  historyCountOr,
  lineTo,
  makeRedisPair,
  makeRedisServer,
  type RequestHistory,
  unexplained,
  unheard
} from "@muster/store-suite"
import { Effect, Random } from "effect"
import { freshRuntime, replica, untilItAnswers } from "./Scene.ts"

/** Enough to show each fault's effects; `npm run histories -- --count N` records more. */
const sample = { killed: 8, failover: 5, evicting: 20 }

const runsOf = (fault: keyof typeof sample) => historyCountOr(sample[fault])

/** In ms: a fault takes about a second on a busy machine. */
const timeout = (runs: number) => 60_000 + runs * 5_000

/** In a small number of histories a fault may leave no trace by chance. */
const showsIn = (fault: keyof typeof sample, histories: ReadonlyArray<RequestHistory>) =>
  histories.length < sample[fault] || histories.some((history) => unexplained(history) !== undefined)

describe("histories of a Redis that is killed and restarted with its data", () => {
  const runs = runsOf("killed")
  it.effect(
    `R-20 F-33 ${runs} histories of 8 fibers on two nodes are linearizable, with unknown results`,
    () =>
      Effect.gen(function*() {
        const server = yield* makeRedisServer(["appendfsync always"])
        const line = yield* lineTo(server.port)
        const url = `redis://127.0.0.1:${line.port}`
        const nodes = { a: (yield* replica(url)).store, b: (yield* replica(url)).store }
        const runtime = yield* freshRuntime
        const histories = yield* checkedHistories("Redis killed", nodes, runs, {
          // One script is done and not answered; Redis is killed with it.
          during: Effect.flatMap(
            Random.nextIntBetween(1, 6),
            (nth) => Effect.andThen(line.muteAfter(/\nevalsha\r\n/i, nth), server.kill)
          ),
          after: Effect.andThen(
            server.start,
            Effect.forEach([nodes.a, nodes.b], (node) => untilItAnswers(node.waiting(runtime)))
          )
        })
        // Some operations without an answer did happen: without them, not every history can be explained.
        const heard = histories.map((history) => history.filter(({ returned }) => returned !== unheard))
        assert.isTrue(showsIn("killed", heard))
      }),
    timeout(runs)
  )
})

describe("histories of a Redis whose primary is demoted while connections to it stay open", () => {
  const runs = runsOf("failover")
  it.effect(
    `F-33 ${runs} histories of 8 fibers on two nodes are linearizable, except for what the new primary had not received`,
    () =>
      Effect.gen(function*() {
        const pair = yield* makeRedisPair()
        const line = yield* lineTo(pair.first.port)
        const url = `redis://127.0.0.1:${line.port}`
        const [a, b] = [yield* replica(url), yield* replica(url)]
        let primary: "first" | "second" = "first"
        let dialed = 0
        a.connection.commands.on("ready", () => dialed++)
        yield* checkedHistories("Redis failover", { a: a.store, b: b.store }, runs, {
          losses: "tail",
          during: Effect.suspend(() => {
            primary = primary === "first" ? "second" : "first"
            return pair.failOver(primary, line.redirect(pair[primary].port))
          }),
          after: Effect.forEach([a, b], ({ connection }) => untilItAnswers(connection.takesWrites), { discard: true })
        })
        assert.isAtLeast(dialed, runs)
      }),
    timeout(runs)
  )
})

describe("histories of a Redis that evicts", () => {
  const runs = runsOf("evicting")
  it.effect(
    `F-33 ${runs} histories of 8 fibers on two nodes are linearizable, except for lost entries`,
    () =>
      Effect.gen(function*() {
        const server = yield* makeRedisServer(["maxmemory-policy allkeys-random"])
        const url = `redis://127.0.0.1:${server.port}`
        const nodes = { a: (yield* replica(url)).store, b: (yield* replica(url)).store }
        const histories = yield* checkedHistories("Redis evicting", nodes, runs, {
          losses: "entries",
          during: Effect.gen(function*() {
            const used = Number(/^used_memory:(\d+)/m.exec(yield* server.tell("INFO", "memory"))?.[1])
            yield* server.tell("CONFIG", "SET", "maxmemory", used - (yield* Random.nextIntBetween(1_000, 8_000)))
          }),
          after: server.tell("CONFIG", "SET", "maxmemory", 0)
        })
        assert.match(yield* server.tell("INFO", "stats"), /^evicted_keys:[1-9]/m)
        // Something was lost: a store that keeps everything cannot explain every history.
        const kept = histories.map((history) => history.filter(({ op }) => op.op !== "lose"))
        assert.isTrue(showsIn("evicting", kept))
      }),
    timeout(runs)
  )
})
