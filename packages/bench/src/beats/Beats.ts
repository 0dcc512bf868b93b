import { Console, Effect, Schema } from "effect"
import { child } from "../load/Child.ts"
import { load, requestBytes } from "../load/LoadClient.ts"
import { median, round } from "../load/median.ts"
import { startMuster } from "../load/Muster.ts"

const connections = 64
const rounds = 5
const millis = 2_000

const Listening = Schema.Struct({ port: Schema.Int })

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
  yield* load(muster.port, bytes, connections, millis)
  yield* load(bare.port, bytes, connections, millis)
  const ours: Array<number> = []
  const theirs: Array<number> = []
  for (let i = 0; i < rounds; i++) {
    theirs.push(yield* load(bare.port, bytes, connections, millis))
    ours.push(yield* load(muster.port, bytes, connections, millis))
    yield* Console.error(`round ${i + 1}: node:http ${round(theirs[i]!, 0)}/s, muster ${round(ours[i]!, 0)}/s`)
  }
  const ratios = ours.map((value, i) => value / theirs[i]!)
  return {
    bench: "beats",
    ratio: round(median(ratios)),
    beats_per_second: round(median(ours), 0),
    bare_per_second: round(median(theirs), 0),
    connections,
    rounds
  }
}).pipe(Effect.scoped)
