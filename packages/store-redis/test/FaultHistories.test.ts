import { assert, describe, it } from "@effect/vitest"
import {
  lineTo,
  makeRedisServer,
  recordHistory,
  type RequestHistory,
  unexplained,
  unheard,
  writeHistories
} from "@muster/store-suite"
import { Effect, Random } from "effect"
import { freshRuntime, replica, untilItAnswers } from "./Scene.ts"

const runs = 8

describe("histories of a Redis that is killed and restarted with its data", () => {
  it.effect(
    `R-20 ${runs} histories of 8 fibres on two nodes are linearizable, whatever was not heard of`,
    () =>
      Effect.gen(function*() {
        const server = yield* makeRedisServer(["appendfsync always"])
        const line = yield* lineTo(server.port)
        const url = `redis://127.0.0.1:${line.port}`
        const nodes = { a: (yield* replica(url)).store, b: (yield* replica(url)).store }
        const runtime = yield* freshRuntime
        const disturbance = {
          // One script is done and not answered; Redis dies with it.
          during: Effect.flatMap(
            Random.nextIntBetween(1, 6),
            (nth) => Effect.andThen(line.muteAfter(/\nevalsha\r\n/i, nth), server.kill)
          ),
          after: Effect.andThen(
            server.start,
            Effect.forEach([nodes.a, nodes.b], (node) => untilItAnswers(node.waiting(runtime)))
          )
        }
        const histories: Array<RequestHistory> = []
        for (let i = 0; i < runs; i++) {
          const history = yield* recordHistory(nodes, disturbance)
          histories.push(history)
          const found = unexplained(history)
          if (found !== undefined) yield* writeHistories("Redis killed-unexplained", [history])
          assert.isUndefined(found)
        }
        yield* writeHistories("Redis killed", histories)
        // Some of what was not heard of did happen: without it, not every history can be explained.
        const heard = histories.map((history) => history.filter(({ returned }) => returned !== unheard))
        assert.isTrue(heard.some((history) => unexplained(history) !== undefined))
      }),
    60_000
  )
})
