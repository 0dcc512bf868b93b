import { PingLights, type Request, Runtime, RuntimeRegistry, Wake } from "@muster/domain"
import { Effect } from "effect"
import { FleetEntries } from "../fleet/FleetEntries.ts"
import { RuntimeDirectory } from "./RuntimeDirectory.ts"

const outcomeOf = (cli: Runtime.CliHealth | null | undefined) =>
  Runtime.decidingAttempt(cli ?? Runtime.unknownCli)?.attempt.outcome

/** How long a note may delay the end of its request. */
const timeout = "1 second"

/**
 * Returns a function that records what the end of a request shows about the runtime's CLI. It never fails: a note that
 * cannot be written is replaced by the next one.
 */
export const makeCliNotes = Effect.gen(function*() {
  const registry = yield* RuntimeRegistry.RuntimeRegistry
  const directory = yield* RuntimeDirectory
  const fleet = yield* FleetEntries
  const wake = yield* Wake.Wake

  return (runtime: Runtime.Runtime, request: Request.Request): Effect.Effect<void> => {
    const attempt = PingLights.attemptOf(request)
    if (attempt === undefined) return Effect.void
    const known = directory.known(runtime.id) ?? runtime
    const isNew = outcomeOf(known.cli) !== outcomeOf(Runtime.afterAttempt(known.cli ?? null, attempt))
    return registry.noteCli(runtime.id, attempt).pipe(
      Effect.andThen(directory.forget([runtime.id])),
      Effect.andThen(fleet.forget(runtime.workspaceId)),
      Effect.andThen(isNew ? wake.publish(Wake.topic.workspace(runtime.workspaceId)) : Effect.void),
      Effect.timeout(timeout),
      Effect.catch((error) => Effect.logDebug("cannot record whether a CLI works", error))
    )
  }
})
