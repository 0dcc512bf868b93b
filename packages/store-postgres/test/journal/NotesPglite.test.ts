import { Migrations, PgliteClient } from "@muster/store-postgres"
import {
  auditLogSuite,
  censusSuite,
  limitStoreSuite,
  modelCatalogueSuite,
  notesNode,
  requestJournalSuite,
  runtimeHistorySuite,
  shared
} from "@muster/store-suite"
import { Effect, Layer } from "effect"
import { pgliteInMemory } from "../PgliteBackend.ts"
import { empty } from "../Stores.ts"
import { notes } from "./Layers.ts"

const database = shared(pgliteInMemory)
const migrated = shared(
  Effect.flatMap(
    database,
    (session) => Layer.build(Layer.provideMerge(Migrations.layer, PgliteClient.layerOn(session)))
  )
)

const backend = {
  name: "PGlite",
  nodes: Effect.gen(function*() {
    yield* Effect.provide(empty, yield* migrated)
    const session = yield* database
    let down = false
    const breakable = PgliteClient.layerOn({
      execProtocolRaw: (message) => down ? Promise.reject(new Error("switched off")) : session.execProtocolRaw(message)
    })
    const node = notesNode(Layer.provide(notes, breakable))
    return {
      a: yield* node,
      b: yield* node,
      outage: Effect.sync(() => {
        down = true
      })
    }
  })
}

auditLogSuite(backend)
censusSuite(backend)
limitStoreSuite(backend)
modelCatalogueSuite(backend)
requestJournalSuite(backend)
runtimeHistorySuite(backend)
