import type { ClientContext, Stream } from "@agentclientprotocol/sdk"
import { Effect, type Scope } from "effect"
import { jsonLines } from "./JsonLines.ts"
import { sanitizeOutput } from "./sanitizeOutput.ts"
import { type StdioSession, StdioSessionFailed } from "./StdioSession.ts"

/** The client's side of an Agent Client Protocol connection. Source: https://agentclientprotocol.com. */
export interface Acp {
  /** The version of the protocol that Muster uses. */
  readonly version: number
  /** Uses the agent through the protocol's own library. Fails if the agent refuses, ends or writes too much. */
  readonly ask: <A>(question: (agent: ClientContext) => Promise<A>) => Effect.Effect<A, StdioSessionFailed>
}

/** Loaded on demand: a daemon without such an agent does not load it. */
const sdk = Effect.promise(() => import("@agentclientprotocol/sdk"))

const ignore = () => {}

const refused = (cause: unknown): StdioSessionFailed => {
  const error = cause as { readonly message?: string; readonly data?: { readonly details?: unknown } | undefined }
  const details = typeof error.data?.details === "string" ? ` ${error.data.details}` : ""
  return new StdioSessionFailed({
    reason: "refused",
    message: sanitizeOutput(`${error.message ?? String(cause)}${details}`)
  })
}

/** Opens an ACP connection for the scope. The library declines all requests of the agent. */
export const acp = (stdio: StdioSession): Effect.Effect<Acp, never, Scope.Scope> =>
  Effect.gen(function*() {
    const library = yield* sdk
    let deliver: (message: never) => void = ignore
    const lines = yield* jsonLines(stdio, (message) => deliver(message as never))
    const stream: Stream = {
      readable: new ReadableStream({
        start: (controller) => {
          deliver = (message) => controller.enqueue(message)
        }
      }),
      writable: new WritableStream({ write: lines.send })
    }
    const connection = yield* Effect.acquireRelease(
      Effect.sync(() => library.client().onNotification("*", ignore).connect(stream)),
      (open) =>
        Effect.sync(() => {
          deliver = ignore
          open.close()
        })
    )
    return {
      version: library.PROTOCOL_VERSION,
      ask: (question) =>
        Effect.raceFirst(
          Effect.tryPromise({ try: () => question(connection.agent), catch: refused }),
          lines.lost
        )
    }
  })
