import { Deferred, Effect, Exit, Schema, type Scope } from "effect"
import { jsonLines } from "./JsonLines.ts"
import { sanitizeOutput } from "./sanitizeOutput.ts"
import { type StdioSession, StdioSessionFailed } from "./StdioSession.ts"

/** A JSON-RPC 2.0 peer on a CLI's stdio. Source: https://www.jsonrpc.org/specification; `jsonrpc` may be missing, as Codex leaves it out. */
export interface JsonRpc {
  /** Sends a request, waits for the response and decodes it. The caller limits the time. */
  readonly request: <A>(
    method: string,
    params: unknown,
    result: Schema.Decoder<A>
  ) => Effect.Effect<A, StdioSessionFailed>
  readonly notify: (method: string, params?: unknown) => Effect.Effect<void>
}

const Message = Schema.Struct({
  id: Schema.optionalKey(Schema.Union([Schema.String, Schema.Finite, Schema.Null])),
  method: Schema.optionalKey(Schema.String),
  result: Schema.optionalKey(Schema.Unknown),
  error: Schema.optionalKey(Schema.Struct({ message: Schema.String }))
})
type Message = typeof Message.Type

const isMessage = Schema.is(Message)

/** Opens a JSON-RPC connection for the scope. Requests of the CLI are declined, notifications ignored. */
export const jsonRpc = (stdio: StdioSession): Effect.Effect<JsonRpc, never, Scope.Scope> =>
  Effect.gen(function*() {
    const waiting = new Map<number, Deferred.Deferred<Message>>()
    let last = -1
    const lines = yield* jsonLines(stdio, (message, answer) => {
      if (!isMessage(message)) return
      if (message.method === undefined) {
        const asked = waiting.get(Number(message.id))
        if (asked !== undefined) Deferred.doneUnsafe(asked, Exit.succeed(message))
      } else if (message.id !== undefined) {
        // Without a reply, a CLI that asks would wait forever.
        answer({ jsonrpc: "2.0", id: message.id, error: { code: -32601, message: "method not found" } })
      }
    })

    const ask = (method: string, params: unknown) =>
      Effect.suspend(() => {
        const id = ++last
        const reply = Deferred.makeUnsafe<Message>()
        waiting.set(id, reply)
        lines.send({ jsonrpc: "2.0", id, method, params })
        return Effect.raceFirst(Deferred.await(reply), lines.lost).pipe(
          Effect.ensuring(Effect.sync(() => waiting.delete(id)))
        )
      })

    return {
      notify: (method, params) => Effect.sync(() => lines.send({ jsonrpc: "2.0", method, params })),
      request: (method, params, result) =>
        ask(method, params).pipe(
          Effect.flatMap((reply) =>
            reply.error !== undefined
              ? Effect.fail(new StdioSessionFailed({ reason: "refused", message: sanitizeOutput(reply.error.message) }))
              : Schema.decodeUnknownEffect(result)(reply.result).pipe(
                Effect.mapError(() => stdio.failed("unreadable", `answered ${method} in a shape that is not known`))
              )
          )
        )
    }
  })
