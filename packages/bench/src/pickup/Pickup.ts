import { Clock, Console, Effect, Queue, Random, Schedule } from "effect"
import { percentile, round } from "../load/median.ts"
import { type Muster, startMuster } from "../load/Muster.ts"

const requests = 200
const beatMillis = 15_000
const model = { id: "bench/model", label: "Bench" }

export const ask = (muster: Muster, runtime: string) => muster.call("POST", `/api/runtimes/${runtime}/models?fresh=1`)

export const report = (muster: Muster, runtime: string, request: string) =>
  muster.call("POST", `/api/daemon/runtimes/${runtime}/models/${request}/result`, {
    status: "completed",
    models: [model]
  })

const idIn = (value: unknown): string | undefined =>
  (value as { readonly pending_model_list?: { readonly id: string } }).pending_model_list?.id

/** A daemon's socket: every request id in an ack, with the time of its arrival. */
export const listen = Effect.fnUntraced(function*(muster: Muster, runtime: string) {
  const arrived = yield* Queue.unbounded<{ readonly id: string; readonly at: number }>()
  yield* Effect.acquireRelease(
    Effect.callback<WebSocket>((resume) => {
      const socket = new WebSocket(`${muster.url.replace("http", "ws")}/api/daemon/ws?runtime_ids=${runtime}`, {
        headers: { authorization: `Bearer ${muster.token}` }
      } as never)
      socket.addEventListener("message", ({ data }) => {
        const id = idIn((JSON.parse(String(data)) as { readonly payload: unknown }).payload)
        if (id !== undefined) Queue.offerUnsafe(arrived, { id, at: performance.now() })
      })
      socket.addEventListener("open", () => resume(Effect.succeed(socket)))
    }),
    (socket) => Effect.sync(() => socket.close())
  )
  return arrived
})

/** From the person's POST until the daemon has the request, in ms, one request after the other. */
const overSocket = Effect.fnUntraced(function*(muster: Muster) {
  const runtime = yield* muster.register("bench-socket")
  const arrived = yield* listen(muster, runtime)
  const once = Effect.gen(function*() {
    const asked = performance.now()
    yield* Effect.forkChild(ask(muster, runtime), { startImmediately: true })
    const { at, id } = yield* Queue.take(arrived)
    yield* report(muster, runtime, id)
    return at - asked
  })
  yield* Effect.repeat(once, { times: 20 })
  return yield* Effect.replicateEffect(once, requests)
}, Effect.scoped)

/** The same with HTTP beats only, each 15 s: the request waits for the next one. */
const overBeats = Effect.fnUntraced(function*(muster: Muster) {
  const waits = yield* Effect.forEach(
    Array.from({ length: 40 }, (_, i) => i),
    Effect.fnUntraced(function*(i) {
      const runtime = yield* muster.register(`bench-beat-${i}`)
      const asked = yield* Effect.tap(Effect.sync(() => performance.now()), () => ask(muster, runtime))
      yield* Effect.sleep(yield* Random.nextBetween(0, beatMillis))
      const id = yield* muster.call("POST", "/api/daemon/heartbeat", { runtime_id: runtime }).pipe(
        Effect.map(idIn),
        Effect.repeat({ while: (id) => id === undefined, schedule: Schedule.spaced(beatMillis) })
      )
      const waited = performance.now() - asked
      if (id !== undefined) yield* report(muster, runtime, id)
      return waited
    }),
    { concurrency: "unbounded" }
  )
  return waits
})

/** The time until a person's request reaches the daemon: over its socket, and over HTTP beats only. */
export const pickup = Effect.gen(function*() {
  const muster = yield* startMuster
  const started = yield* Clock.currentTimeMillis
  const socket = yield* overSocket(muster)
  yield* Console.error(`${socket.length} requests over the socket in ${(yield* Clock.currentTimeMillis) - started} ms`)
  const beats = yield* overBeats(muster)
  return {
    bench: "pickup",
    n: socket.length,
    p50_ms: round(percentile(socket, 0.5)),
    p99_ms: round(percentile(socket, 0.99)),
    socket_off: {
      n: beats.length,
      beat_interval_ms: beatMillis,
      p50_ms: round(percentile(beats, 0.5), 0),
      max_ms: round(percentile(beats, 1), 0)
    }
  }
}).pipe(Effect.scoped)
