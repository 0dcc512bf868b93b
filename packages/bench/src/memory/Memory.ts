import { freshDatabaseOn, PostgresServer, RedisServer } from "@muster/store-suite"
import { Console, Effect, Layer, Redacted } from "effect"
import { buildBundle, bundle, ownHome, startNode } from "../load/Bundle.ts"
import { startBuiltServer } from "../load/Muster.ts"
import { residentAtRest, sumOf } from "./residentOf.ts"

const rounds = 3

/** The memory of a program and its descendants at rest, each and in sum. */
const measure = Effect.fnUntraced(function*(name: string, pid: number) {
  const processes = yield* residentAtRest(pid)
  const result = { ...sumOf(processes), processes }
  yield* Console.error(`${name}: ${JSON.stringify(result)}`)
  return result
})

type Measured = Effect.Success<ReturnType<typeof measure>>

/** The runs in the order of their resident memory: the one in the middle. */
const middle = (runs: ReadonlyArray<Measured>) => runs.toSorted((a, b) => a.rss - b.rss)[Math.floor(runs.length / 2)]!

const node = Effect.gen(function*() {
  const { pid } = yield* startNode(["-e", "console.log('up'); setInterval(() => {}, 1e3)"], yield* ownHome, "up")
  return yield* measure("node", pid)
}).pipe(Effect.scoped)

const startDev = (env: Effect.Success<typeof ownHome>) => startNode([bundle, "dev", "--port", "0"], env, "Muster is up")

const devFirst = Effect.gen(function*() {
  const { pid } = yield* startDev(yield* ownHome)
  return yield* measure("dev_first", pid)
}).pipe(Effect.scoped)

const dev = Effect.gen(function*() {
  const env = yield* ownHome
  yield* Effect.scoped(startDev(env))
  const { pid } = yield* startDev(env)
  return yield* measure("dev", pid)
}).pipe(Effect.scoped)

const daemon = Effect.gen(function*() {
  const { token, url } = yield* startBuiltServer()
  const env = { ...yield* ownHome, MUSTER_SERVER_URL: url, MUSTER_TOKEN: token }
  const { pid } = yield* startNode([bundle, "daemon"], env, "daemon is running")
  return yield* measure("daemon", pid)
}).pipe(Effect.scoped)

const cluster = Effect.gen(function*() {
  const database = Redacted.value(yield* freshDatabaseOn((yield* PostgresServer).url))
  const { pid } = yield* startBuiltServer(["--database-url", database, "--redis-url", (yield* RedisServer).url])
  return yield* measure("cluster", pid)
}).pipe(Effect.scoped)

/**
 * The resident memory of the built command line at rest, in MiB: the daemon alone, `muster dev` with an empty data folder and
 * with the one that it left, and the server with PostgreSQL and Redis. Beside them, the least that a process of this Node has: one that waits for a timer. Linux only.
 */
export const memory = Effect.gen(function*() {
  yield* buildBundle
  const runs = yield* Effect.replicateEffect(
    Effect.all({ node, daemon, dev_first: devFirst, dev, cluster }, { concurrency: "unbounded" }),
    rounds
  )
  const of = (name: keyof typeof runs[number]) => middle(runs.map((run) => run[name]))
  return {
    bench: "memory",
    rounds,
    mib: {
      node: of("node"),
      daemon: of("daemon"),
      dev_first: of("dev_first"),
      dev: of("dev"),
      cluster: of("cluster")
    },
    goals: { daemon: 90, dev: 220, cluster: 130 }
  }
}).pipe(Effect.scoped, Effect.provide(Layer.mergeAll(PostgresServer.layer, RedisServer.layer)))
