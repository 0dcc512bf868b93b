import { onMachineClock } from "@muster/kit"
import { Effect, Redacted, type Scope } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { freePort } from "../server/FreePort.ts"
import { programFile, serverFolders } from "../server/ProgramFiles.ts"
import { serverFolder } from "../server/ServerFolder.ts"
import { PostgresError } from "./PostgresError.ts"
import { launch } from "./PostgresProcess.ts"
import { unprivilegedUser } from "./UnprivilegedUser.ts"

export type PoolMode = "session" | "transaction" | "statement"

/** How long the pooler may take to start. */
const timeout = "30 seconds"

const findPgBouncer = Effect.suspend(() => {
  const found = programFile("pgbouncer", serverFolders)
  return found === undefined
    ? Effect.fail(
      new PostgresError({
        message: "pgbouncer is missing: install your system's package \"pgbouncer\", or run `npm test`, " +
          "which does so on Debian"
      })
    )
    : Effect.succeed(found)
})

/** Any client may connect, as the URL's user; everything else is PgBouncer's default. */
const configuration = ({ hostname, password, port, username }: URL, own: number, settings: ReadonlyArray<string>) =>
  [
    "[databases]",
    `* = host=${hostname} port=${port || 5432} user=${decodeURIComponent(username)}` +
    (password === "" ? "" : ` password=${decodeURIComponent(password)}`),
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${own}`,
    "unix_socket_dir =",
    "auth_type = any",
    ...settings
  ].join("\n")

/**
 * Starts a PgBouncer of the tests' own before this database and returns the database's URL through it. It runs on
 * 127.0.0.1 and a free port, as an unprivileged user, and ends with its scope, and no later than this process.
 * `settings` are lines of its section `[pgbouncer]`.
 */
export const pgBouncerTo = Effect.fnUntraced(function*(
  database: Redacted.Redacted,
  mode: PoolMode,
  settings: ReadonlyArray<string> = []
): Effect.fn.Return<Redacted.Redacted, PostgresError, Scope.Scope> {
  const program = yield* findPgBouncer
  const user = yield* unprivilegedUser
  const url = new URL(Redacted.value(database))
  const folder = yield* serverFolder(
    { prefix: "muster-pgbouncer-", signal: "KILL", owner: user },
    (cause) => new PostgresError({ message: "No temporary folder could be made for PgBouncer", cause })
  )
  const file = join(folder.path, "pgbouncer.ini")
  const start = Effect.flatMap(freePort((message, cause) => new PostgresError({ message, cause })), (port) => {
    writeFileSync(file, configuration(url, port, [`pool_mode = ${mode}`, ...settings]))
    return Effect.map(
      launch({ program, args: [file], folder: folder.path, user }, "process up"),
      (running) => ({ port, running })
    )
  }).pipe(Effect.retry({ times: 5, while: ({ message }) => message.includes("ddress already in use") }))
  const { port } = yield* Effect.acquireRelease(
    Effect.tap(start, ({ running }) => Effect.sync(() => folder.guard(running.pid))),
    ({ running }) => {
      running.signal("SIGKILL")
      return Effect.promise(() => running.ended)
    }
  ).pipe(
    Effect.timeoutOrElse({
      duration: timeout,
      orElse: () => Effect.fail(new PostgresError({ message: `PgBouncer started for more than ${timeout}` }))
    }),
    onMachineClock
  )
  url.port = String(port)
  return Redacted.make(url.href)
})
