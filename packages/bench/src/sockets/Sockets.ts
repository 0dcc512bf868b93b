import { DaemonSocket, type Runtime } from "@muster/domain"
import { Console, Effect, Schema } from "effect"
import { BenchFailure } from "../load/BenchFailure.ts"
import { round } from "../load/median.ts"
import { type Muster, startMuster } from "../load/Muster.ts"
import { needOpenFiles } from "../storm/openFiles.ts"

/** As many as a workspace may have. */
const Count = Schema.NumberFromString.check(Schema.isInt(), Schema.isBetween({ minimum: 1, maximum: 10_000 }))

const beats = 2
const beatEvery = "15 seconds"

/** The socket of a daemon with one runtime; closed with the scope. `beat` returns when the ack has arrived. */
const open = (muster: Muster, runtime: string) =>
  Effect.acquireRelease(
    Effect.callback<WebSocket, BenchFailure>((resume) => {
      const socket = new WebSocket(`${muster.url.replace("http", "ws")}/api/daemon/ws?runtime_ids=${runtime}`, {
        headers: { authorization: `Bearer ${muster.token}` }
      } as never)
      socket.addEventListener("open", () => resume(Effect.succeed(socket)))
      socket.addEventListener("error", () => resume(Effect.fail(new BenchFailure({ message: "a socket was refused" }))))
    }),
    (socket) => Effect.sync(() => socket.close())
  ).pipe(Effect.map((socket) => ({
    beat: Effect.callback<void>((resume) => {
      socket.addEventListener("message", () => resume(Effect.void), { once: true })
      socket.send(DaemonSocket.heartbeatFrame(runtime as Runtime.RuntimeId))
    })
  })))

const kib = 1_024

const measure = Effect.fnUntraced(function*(count: number) {
  yield* needOpenFiles(count + 100)
  const muster = yield* startMuster
  const register = (i: number) => muster.register(`bench-${i}`)
  const ids = yield* Effect.forEach(Array.from({ length: count }, (_, i) => i), register, { concurrency: 8 })
  yield* Console.error(`${count} runtimes are registered`)
  const before = yield* muster.memory
  const sockets = yield* Effect.forEach(ids, (id) => open(muster, id), { concurrency: 32 })
  yield* Console.error(`${count} sockets are open`)
  for (let at = 0; at < beats; at++) {
    yield* Effect.forEach(sockets, ({ beat }) => beat, { concurrency: 32, discard: true })
    yield* Effect.sleep(beatEvery)
  }
  const after = yield* muster.memory
  const per = (of: "rss" | "live") => round((after[of] - before[of]) / count / kib, 1)
  return {
    bench: "sockets",
    count,
    beats,
    rss_kib_per_socket: per("rss"),
    live_kib_per_socket: per("live"),
    server_rss_mib: { before: round(before.rss / kib / kib, 1), after: round(after.rss / kib / kib, 1) },
    goals: { rss_kib_per_socket: 24 }
  }
})

/**
 * The memory of a server (embedded, in a process of its own) per idle socket, each of a daemon with one runtime: resident, and live
 * in the heap, after two beats of each and a collection. `--count N` sockets, 5,000 without it.
 */
export const sockets = Effect.gen(function*() {
  const option = process.argv.indexOf("--count")
  return yield* measure(option < 0 ? 5_000 : yield* Schema.decodeUnknownEffect(Count)(process.argv[option + 1]))
}).pipe(Effect.scoped)
