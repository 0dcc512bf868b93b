import { Catalogue, type Model, type Runtime } from "@muster/domain"
import { Effect, Layer, type Schema } from "effect"
import { SqlClient } from "effect/sql"
import { jsonText } from "../client/CleanText.ts"
import { asOperation } from "../client/Operation.ts"
import { rowsOf } from "../client/Rows.ts"

const lists = rowsOf(Catalogue.KeptModels)

const find = (sql: SqlClient.SqlClient, runtime: Runtime.RuntimeId) =>
  lists.first(sql`SELECT models, at FROM model_catalogue WHERE runtime_id = ${runtime} AND models IS NOT NULL`)

/** `models` null: there are none. Does nothing for an absent runtime, or if a later report is kept. */
const put = (
  sql: SqlClient.SqlClient,
  runtime: Runtime.RuntimeId,
  models: ReadonlyArray<Model.Model> | null,
  at: number
) =>
  Effect.asVoid(sql`
    INSERT INTO model_catalogue (runtime_id, models, at)
    SELECT id, ${models === null ? null : jsonText(models as unknown as Schema.Json)}::jsonb, ${at}
    FROM runtimes WHERE id = ${runtime}
    FOR KEY SHARE
    ON CONFLICT (runtime_id) DO UPDATE SET models = excluded.models, at = excluded.at
    WHERE model_catalogue.at <= excluded.at`)

/** Kept lists of models in PostgreSQL. Requires the schema: build it after `Migrations`. */
export const ModelCataloguePostgres = {
  layer: Layer.effect(
    Catalogue.ModelCatalogue,
    Effect.map(SqlClient.SqlClient, (sql) =>
      Catalogue.ModelCatalogue.of({
        find: (runtime) => asOperation("ModelCatalogue.find")(find(sql, runtime)),
        keep: (runtime, models, at) => asOperation("ModelCatalogue.keep")(put(sql, runtime, models, at)),
        drop: (runtime, at) => asOperation("ModelCatalogue.drop")(put(sql, runtime, null, at))
      }))
  )
}
