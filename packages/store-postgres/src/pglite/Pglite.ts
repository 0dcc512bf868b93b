import type { PGlite, PGliteOptions } from "@electric-sql/pglite"
import { Data, Effect, type Scope } from "effect"
import { setFlagsFromString } from "node:v8"

/** PGlite did not start. The message is PostgreSQL's last output, or what PGlite threw. */
export class PgliteFailure extends Data.TaggedError("PgliteFailure")<{
  readonly message: string
  readonly cause: unknown
}> {}

/** More useful than "Aborted()", PGlite's own message when PostgreSQL ends. */
const complaint = /^(?:.*?\b)?(?:PANIC|FATAL|ERROR):\s*(.+)$/m

const failure = (said: ReadonlyArray<string>) => (cause: unknown) => {
  const last = complaint.exec(said.toReversed().join("\n"))?.[1]
  return new PgliteFailure({ message: last ?? (cause instanceof Error ? cause.message : String(cause)), cause })
}

/** How many lines of PostgreSQL's output are kept for the error. */
const mostLines = 50

/**
 * PostgreSQL's default is 128 MB of buffers, all of which it writes at its start. Pages that are not in them are read again from the
 * operating system's cache. PGlite has one connection; superusers have three in reserve.
 */
const settings = ["-c", "shared_buffers=8MB", "-c", "max_connections=4"]

/**
 * Several threads that compile at the same time each keep the memory that this took. Compilation is lazy: one is enough.
 * For all WebAssembly of this process from now on.
 */
const oneCompiler = "--wasm-num-compilation-tasks=1"

const create = async (options: PGliteOptions) => {
  setFlagsFromString(oneCompiler)
  const { PGlite } = await import("@electric-sql/pglite")
  return PGlite.create({ ...options, startParams: [...PGlite.defaultStartParams, ...settings] })
}

/**
 * Runs PostgreSQL in this process on a data folder, or in memory without one; closed, with everything written, when the
 * scope ends. Loaded only here: its size is 12 MB.
 */
export const runPglite = (
  options: PGliteOptions
): Effect.Effect<PGlite, PgliteFailure, Scope.Scope> => {
  const said: Array<string> = []
  const hear = (text: string) => {
    said.push(text)
    if (said.length > mostLines) said.shift()
    return true
  }
  return Effect.acquireRelease(
    Effect.tryPromise({
      try: () => create({ ...options, onStderr: hear, onStdout: hear }),
      catch: failure(said)
    }),
    (database) => Effect.promise(() => database.closed ? Promise.resolve() : database.close())
  )
}
