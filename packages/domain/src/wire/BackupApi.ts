import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { ReadableErrors, UserAuth } from "./Security.ts"
import { Conflict, Forbidden, ServerFault } from "./WireError.ts"

/**
 * The data of a server with the embedded database, with the owner's token, as one file: a gzipped tar. Only for the owner of
 * the installation. 409: another backup is under way, or the data are in PostgreSQL.
 */
export class BackupApi extends HttpApiGroup.make("backup").add(
  HttpApiEndpoint.post("make", "/", {
    success: HttpApiSchema.StreamUint8Array({ contentType: "application/gzip" }),
    error: [Conflict, Forbidden, ServerFault]
  })
).middleware(UserAuth).middleware(ReadableErrors).prefix("/api/backup").annotateMerge(
  OpenApi.annotations({ title: "Backup", description: "Save the data of this server while it runs." })
) {}
