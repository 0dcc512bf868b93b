import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import { PgClient } from "@effect/sql-pg"
import { onMachineClock } from "@muster/kit"
import { Effect, Layer, type Scope } from "effect"
import type { Reactivity } from "effect/reactivity"
import type { SqlClient, SqlError } from "effect/sql"
import { codecs } from "../client/Codecs.ts"
import { Bridge, type Session } from "./Bridge.ts"
import { openDatabaseFolder } from "./DatabaseFolder.ts"
import type { DatabaseFolderUnusable } from "./DatabaseFolderUnusable.ts"
import { runPglite } from "./Pglite.ts"

/** Connections cost nothing; a listener holds one for its lifetime. */
const maxConnections = 16

const clientOf = (
  session: Session
): Effect.Effect<PgClient.PgClient, SqlError.SqlError, Scope.Scope | Reactivity.Reactivity> =>
  onMachineClock(PgClient.make({
    ...codecs,
    username: "postgres",
    database: "postgres",
    applicationName: "muster",
    maxConnections,
    stream: Bridge.of(session).connect
  }))

/** The client's own options are always valid, and nothing connects before the first statement. */
const layerOf = <E, R>(session: Effect.Effect<Session, E, R>) =>
  PgClient.layerFrom(Effect.flatMap(session, (session) => Effect.orDie(clientOf(session))))

/**
 * The same client as on a PostgreSQL server, over a PostgreSQL in this process (PGlite). It is one session: statements
 * take turns, and each blocks the process while it runs, so the bound on an operation includes the wait for its turn.
 */
export const PgliteClient = {
  /** A database in this folder, made if there is none; everything is written when the layer's scope ends. */
  layer: (
    { folder }: { readonly folder: string }
  ): Layer.Layer<PgClient.PgClient | SqlClient.SqlClient, DatabaseFolderUnusable> =>
    layerOf(openDatabaseFolder(folder)).pipe(Layer.provide([NodeFileSystem.layer, NodePath.layer])),
  /** A database that is removed with the layer's scope. */
  layerMemory: layerOf(Effect.orDie(runPglite({}))),
  /** On a PGlite whose owner opens and closes it. Several clients may share one. */
  layerOn: (session: Session): Layer.Layer<PgClient.PgClient | SqlClient.SqlClient> => layerOf(Effect.succeed(session))
}
