import { WakeListeners } from "@muster/store-kit"
import { PgliteClient, PostgresClient } from "@muster/store-postgres"
import { freshDatabase, lineToUrl, shared, type WakeBackend, wakeNode } from "@muster/store-suite"
import { Effect, Layer } from "effect"
import { WakePostgres } from "../../src/wake/WakePostgres.ts"
import { pgliteInMemory } from "../PgliteBackend.ts"
import type { Client } from "../Stores.ts"

/** Two nodes on this client, and how many topics they hold. */
const pairOn = Effect.fnUntraced(function*(client: Layer.Layer<Client>) {
  const listeners = [new WakeListeners(), new WakeListeners()] as const
  const [a, b] = yield* Effect.forEach(listeners, (own) => wakeNode(Layer.provide(WakePostgres.layerOn(own), client)))
  return { a: a!, b: b!, topics: Effect.sync(() => listeners[0].size + listeners[1].size) }
})

export const pgliteWake = (): WakeBackend => {
  const database = shared(pgliteInMemory)
  return {
    name: "PGlite",
    nodes: Effect.gen(function*() {
      const session = yield* database
      let down = false
      const client = PgliteClient.layerOn({
        execProtocolRaw: (message) =>
          down ? Promise.reject(new Error("switched off")) : session.execProtocolRaw(message)
      })
      const outage = Effect.sync(() => {
        down = true
      })
      return { ...yield* pairOn(client), outage }
    })
  }
}

export const postgresWake = (): WakeBackend => {
  const database = shared(freshDatabase)
  return {
    name: "PostgreSQL",
    nodes: Effect.gen(function*() {
      const line = yield* lineToUrl(yield* database)
      const client = Layer.orDie(PostgresClient.layer({ url: line.url, maxConnections: 3 }))
      return { ...yield* pairOn(client), outage: line.cut }
    })
  }
}
