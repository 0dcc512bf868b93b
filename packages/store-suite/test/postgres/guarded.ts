// Not a test: a process that starts a server, prints where it is, and then waits to be killed.
import { Effect, Layer } from "effect"
import { PostgresServer } from "../../src/postgres/PostgresServer.ts"

const announce = Effect.flatMap(PostgresServer, ({ url }) => Effect.sync(() => process.stdout.write(`${url}\n`)))

Effect.runFork(Layer.launch(Layer.effectDiscard(announce).pipe(Layer.provide(PostgresServer.layer))))
