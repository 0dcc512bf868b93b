import { type Duration, Effect } from "effect"
import type { Connection } from "../profile/Connection.ts"
import { explain } from "./explain.ts"

/** How long a call may take that the server answers at once. */
export const patience: Duration.Input = "10 seconds"

/** A call to the server within a time, whose every error is a sentence. */
export const call =
  (server: Connection, within: Duration.Input = patience) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    effect.pipe(Effect.timeout(within), Effect.mapError(explain(server)))
