// Not a test: a process that starts a server, prints where it is, and then waits to be killed.
import { Effect, Layer } from "effect"
import { RedisServer } from "../../src/redis/RedisServer.ts"

const announce = Effect.flatMap(RedisServer, ({ port }) => Effect.sync(() => process.stdout.write(`${port}\n`)))

Effect.runFork(Layer.launch(Layer.effectDiscard(announce).pipe(Layer.provide(RedisServer.layer))))
