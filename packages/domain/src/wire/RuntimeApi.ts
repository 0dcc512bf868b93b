import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { goText } from "../codec/Go.ts"
import { maxRuntimes } from "../runtime/Registration.ts"
import { listOf, nameOf, textLimits, Word } from "../text/BoundedText.ts"
import { Ok } from "./DaemonApi.ts"
import { RuntimeHistoryRecord } from "./RuntimeHistoryRecord.ts"
import { RuntimeRecord } from "./RuntimeRecord.ts"
import { ReadableErrors, UserAuth, WorkspaceScope } from "./Security.ts"
import { BadRequest, Conflict, Forbidden, NotFound, ServerFault, TooLarge } from "./WireError.ts"

const params = { runtimeId: Word }
const errors = [BadRequest, NotFound, ServerFault] as const

/** What a person changes of a runtime; absent and null do not change. */
export const RuntimePatch = Schema.Struct({
  timezone: goText(Word),
  visibility: goText(Word),
  name: goText(nameOf(textLimits.name)),
  /** A model's id; empty: none, the CLI decides. Requires that the caller may use the runtime. */
  default_model: goText(nameOf(textLimits.model))
})

/** What people do with runtimes: see them and change them. Source: `docs/protocol.md` 8. */
export class RuntimeApi extends HttpApiGroup.make("runtimes").add(
  HttpApiEndpoint.get("list", "/", {
    query: { owner: Schema.optionalKey(Word) },
    success: listOf(RuntimeRecord, maxRuntimes),
    error: errors
  }),
  HttpApiEndpoint.get("one", "/:runtimeId", { params, success: RuntimeRecord, error: errors }),
  /** The heartbeats of the last 24 h. */
  HttpApiEndpoint.get("history", "/:runtimeId/history", { params, success: RuntimeHistoryRecord, error: errors }),
  HttpApiEndpoint.patch("edit", "/:runtimeId", {
    params,
    payload: RuntimePatch,
    success: RuntimeRecord,
    error: [...errors, Forbidden, TooLarge]
  }),
  /**
   * Makes the caller, an owner or admin of the workspace, the owner of this runtime and of all others of its daemon.
   * The daemon's own token is then no longer valid for them. Logged.
   */
  HttpApiEndpoint.post("takeOver", "/:runtimeId/take-over", {
    params,
    success: RuntimeRecord,
    error: [...errors, Forbidden]
  }),
  HttpApiEndpoint.delete("remove", "/:runtimeId", { params, success: Ok, error: [...errors, Forbidden, Conflict] })
).middleware(WorkspaceScope).middleware(UserAuth).middleware(ReadableErrors).prefix("/api/runtimes").annotateMerge(
  OpenApi.annotations({ title: "Runtimes", description: "See the fleet." })
) {}
