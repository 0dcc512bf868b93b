import { Effect, type Scope } from "effect"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A folder of its own for one call of a CLI, so that no project's settings colour the answer. Gone with the scope. */
export const temporaryFolder: Effect.Effect<string, { readonly message: string }, Scope.Scope> = Effect.acquireRelease(
  Effect.tryPromise({
    try: () => mkdtemp(join(tmpdir(), "muster-")),
    catch: (cause) => ({ message: `cannot make a temporary folder: ${(cause as Error).message}` })
  }),
  (folder) => Effect.ignore(Effect.tryPromise(() => rm(folder, { recursive: true, force: true, maxRetries: 2 })))
)
