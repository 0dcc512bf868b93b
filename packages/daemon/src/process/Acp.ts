import type { ClientContext, Stream } from "@agentclientprotocol/sdk"
import { Effect, type Scope } from "effect"
import { jsonLines } from "./JsonLines.ts"
import { sanitizeOutput } from "./sanitizeOutput.ts"
import { type StdioSession, StdioSessionFailed } from "./StdioSession.ts"

/** The client's side of an Agent Client Protocol connection. Source: https://agentclientprotocol.com. */
export interface Acp {
  /** The protocol's version that we speak. */
  readonly version: number
  /** Speaks with the agent through the protocol's own library. Fails as the agent refuses, ends or writes too much. */
  readonly ask: <A>(question: (agent: ClientContext) => Promise<A>) => Effect.Effect<A, StdioSessionFailed>
}

/** Loaded when the first such agent is asked: a daemon without one starts without it. */
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

/** Opens an ACP connection that lives as long as the scope. Whatever the agent asks of us is declined by the library. */
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
