import { onMachineClock } from "@muster/kit"
import { Context, Effect, Layer, Ref, type Scope, Semaphore } from "effect"
import { join } from "node:path"
import { freePort } from "../server/FreePort.ts"
import { serverFolder } from "../server/ServerFolder.ts"
import { onConnection } from "./Admin.ts"
import { findPostgres } from "./PostgresBinaries.ts"
import { PostgresError } from "./PostgresError.ts"
import { type Command, launch, type Running } from "./PostgresProcess.ts"
import { unprivilegedUser } from "./UnprivilegedUser.ts"

/** How long a server may take to start or to stop. */
const timeout = "30 seconds"

/**
 * A server may lose what a crash of the whole machine would cost, but nothing committed when only its process is
 * killed: so `fsync` is off, while `synchronous_commit` (which writes, and then costs almost nothing) remains on.
 */
const settings = (port: number): ReadonlyArray<string> =>
  [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=", // no socket file that could collide, or whose path could be too long
    "fsync=off",
    "full_page_writes=off",
    "max_connections=200",
    "authentication_timeout=5s", // a session before authentication notices nothing else, not even `kill`
    "timezone=UTC",
    "lc_messages=C", // `ready` below is a message
    "logging_collector=off"
  ].flatMap((setting) => ["-c", setting])

/** A standby is ready for "read-only connections". */
const ready = "database system is ready to accept "

const inTime = <A>(effect: Effect.Effect<A, PostgresError>, what: string): Effect.Effect<A, PostgresError> =>
  onMachineClock(Effect.timeoutOrElse(effect, {
    duration: timeout,
    orElse: () => Effect.fail(new PostgresError({ message: `PostgreSQL ${what} for more than ${timeout}` }))
  }))

/** How the data folder at this path is made. */
export type MakeData = (data: string) => Effect.Effect<Pick<Command, "program" | "args">, PostgresError>

const emptyData: MakeData = (data) =>
  Effect.map(findPostgres, ({ initdb }) => ({
    program: initdb,
    args: ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
  }))

/** The program, the data folder, and their user. */
const makeCluster = Effect.fnUntraced(function*(makeData: MakeData) {
  const { postgres } = yield* findPostgres
  const user = yield* unprivilegedUser
  const folder = yield* serverFolder(
    { prefix: "muster-postgres-", signal: "QUIT", owner: user }, // QUIT is PostgreSQL's immediate shutdown
    (cause) => new PostgresError({ message: "No temporary folder could be made for PostgreSQL", cause })
  )
  const data = join(folder.path, "data")
  yield* inTime(launch({ ...(yield* makeData(data)), folder: folder.path, user }), "made its data folder")
  return {
    guard: folder.guard,
    launch: (port: number) =>
      inTime(
        launch({ program: postgres, args: ["-D", data, ...settings(port)], folder: folder.path, user }, ready),
        "started"
      )
  }
})

/**
 * Starts the server on a free port. Another process may take the port between its choice and its use: then on the next.
 */
const launchSomewhere = (launchOn: (port: number) => Effect.Effect<Running, PostgresError>) =>
  Effect.retry(
    Effect.flatMap(freePort((message, cause) => new PostgresError({ message, cause })), (port) =>
      Effect.map(launchOn(port), (running) => ({ port, running }))),
    {
      times: 5,
      while: ({ message }) =>
        message.includes("Address already in use")
    }
  )

/** A server on this data; by default an empty one. It ends with the scope. */
export const makeServer: (
  makeData?: MakeData
) => Effect.Effect<PostgresServer["Service"], PostgresError, Scope.Scope> = Effect.fnUntraced(function*(
  makeData = emptyData
) {
  const cluster = yield* makeCluster(makeData)
  const current = yield* Ref.make<Running | undefined>(undefined)
  const oneAtATime = yield* Semaphore.make(1)

  const adopt = (running: Running) => {
    cluster.guard(running.pid)
    return Ref.set(current, running)
  }
  const end = (signal: NodeJS.Signals) =>
    Effect.flatMap(Ref.get(current), (running) => {
      if (running === undefined) return Effect.void
      running.signal(signal)
      return inTime(Effect.promise(() => running.ended), "took to end").pipe(
        Effect.andThen(Ref.set(current, undefined)),
        Effect.tap(() => Effect.sync(() => cluster.guard(undefined)))
      )
    })
  yield* Effect.addFinalizer(() => Effect.ignore(end("SIGQUIT")))
  const port = yield* Effect.uninterruptible(
    Effect.flatMap(launchSomewhere(cluster.launch), ({ port, running }) => Effect.as(adopt(running), port))
  )
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`

  const answer = onConnection(url, (sql) => sql`SELECT 1`).pipe(
    Effect.mapError((cause) => new PostgresError({ message: "PostgreSQL started but does not answer", cause })),
    Effect.asVoid
  )
  const start = Effect.flatMap(
    Ref.get(current),
    (running) =>
      running === undefined ? Effect.andThen(Effect.flatMap(cluster.launch(port), adopt), answer) : Effect.void
  )
  yield* answer

  const alone = oneAtATime.withPermit
  return PostgresServer.of({
    url,
    start: alone(Effect.uninterruptible(start)),
    stop: alone(Effect.uninterruptible(end("SIGINT"))),
    restart: alone(Effect.uninterruptible(Effect.andThen(end("SIGINT"), start))),
    kill: alone(Effect.uninterruptible(end("SIGKILL")))
  })
})

/**
 * A PostgreSQL of the tests' own: in a temporary folder, on 127.0.0.1 and a free port, as an unprivileged user. It ends
 * with its scope, and no later than this process. Its databases and its URL outlive `stop`, `kill` and `restart`.
 */
export class PostgresServer extends Context.Service<PostgresServer, {
  /** Leads to the database `postgres` as the superuser `postgres`, without a password. */
  readonly url: string
  /** Starts the server unless it runs; it accepts connections afterwards. */
  readonly start: Effect.Effect<void, PostgresError>
  /** Stops the server in order: connections are cut, everything is written. */
  readonly stop: Effect.Effect<void, PostgresError>
  /** `stop`, then `start`. */
  readonly restart: Effect.Effect<void, PostgresError>
  /** Kills the server (SIGKILL) and waits until all its processes have ended; committed data is kept. */
  readonly kill: Effect.Effect<void, PostgresError>
}>()("@muster/store-suite/postgres/PostgresServer") {
  static readonly layer: Layer.Layer<PostgresServer, PostgresError> = Layer.effect(PostgresServer, makeServer())
}
