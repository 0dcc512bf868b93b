import type { Effect } from "effect"
import type { Call } from "./Caller.ts"
import type { ServerError } from "./ServerError.ts"

/** A call of the server, within the deadline of calls. */
export type Send = <A>(call: Omit<Call<A>, "deadline">) => Effect.Effect<A, ServerError>

/** Whether the server has no such task: someone deleted it. Source: `docs/protocol.md` 1.5. */
export const isAbsentTask = (error: ServerError): boolean =>
  error._tag === "Refused" && error.status === 404 && error.body.toLowerCase().includes("task not found")
