import { ModelList, ModelListRecord, publicRecord, type Request, wireError } from "@muster/domain"
import { Effect, Schema } from "effect"

const decodeModelList = Schema.decodeUnknownEffect(ModelListRecord)

/** A model-list request as its public record. A record that a store holds and nobody can read is a server fault. */
export const modelListRecord = (request: Request) =>
  Effect.mapError(decodeModelList(publicRecord(ModelList, request)), () => wireError.fault("failed to read request"))
