import { Clock, Effect, Schema, Stream } from "effect"
import { HttpClient, type HttpClientError, HttpClientRequest } from "effect/http"
import { WallClock } from "../clock/WallClock.ts"
import { Connections } from "./Connections.ts"
import { maxErrorBody, readErrorReply } from "./ErrorReply.ts"
import { ServerClock } from "./ServerClock.ts"
import { type ServerError, Unreachable } from "./ServerError.ts"

/** Returns the first `max` bytes of a body as text; does not read more. Invalid UTF-8 becomes U+FFFD. */
const bodyHead = <E>(body: Stream.Stream<Uint8Array, E>, max: number): Effect.Effect<string, E> =>
  Effect.suspend(() => {
    let size = 0
    return body.pipe(
      Stream.takeUntil((chunk) => (size += chunk.length) >= max),
      Stream.runCollect,
      Effect.map((chunks) => new TextDecoder().decode(Buffer.concat(chunks).subarray(0, max)))
    )
  })

/** The limit of a reply, in bytes. */
const maxReply = 8 * 1024 * 1024

export interface Call<A> {
  /** The name of the call in errors and logs, such as `heartbeat <id>`. */
  readonly operation: string
  readonly method: "GET" | "POST"
  /** The path below the server's base address. */
  readonly path: string
  readonly body?: unknown
  /** From dialing to the last byte, in ms. */
  readonly deadline: number
  /** Decodes a successful reply; absent if the reply is not used. */
  readonly reply?: Schema.Codec<A, unknown>
}

/** Returns the network error code, such as `ECONNREFUSED`, or the message if there is none. */
const wordFor = (error: HttpClientError.HttpClientError): string => {
  const cause = error.reason.cause as { readonly code?: unknown; readonly message?: unknown } | undefined
  for (const word of [cause?.code, cause?.message]) if (typeof word === "string" && word !== "") return word
  return error.message
}

/** The resolution of the `Date` header, in ms. */
const dateResolution = 1_000

/**
 * Calls the server. A status below 300 is a success; for others see `readErrorReply`. The `Date` of each reply is a reading of
 * the server's clock. `headers` returns the headers of each call.
 */
export const makeCaller = Effect.fnUntraced(function*(base: string, headers: () => Readonly<Record<string, string>>) {
  const client = yield* HttpClient.HttpClient
  const connections = yield* Connections
  const clock = yield* ServerClock
  const wall = yield* WallClock

  const lookAtClock = Effect.fnUntraced(function*(sent: number, date: string | undefined) {
    const server = Date.parse(date ?? "")
    if (Number.isNaN(server)) return
    yield* clock.reading({ server, sent, received: yield* wall, resolution: dateResolution })
  })

  return Effect.fnUntraced(
    function*<A>(call: Call<A>): Effect.fn.Return<A, ServerError> {
      const operation = `${call.operation}${connections.through}`
      const failed = (reason: string, status: number | null = null) =>
        new Unreachable({ operation, reason, status, retryAfter: null })
      const request = HttpClientRequest.make(call.method)(`${base}${call.path}`, { headers: headers() }).pipe(
        call.method === "GET" ? (bare) => bare : HttpClientRequest.bodyJsonUnsafe(call.body ?? {})
      )
      const exchange = Effect.gen(function*() {
        const sent = yield* wall
        const response = yield* client.execute(request)
        yield* lookAtClock(sent, response.headers["date"])
        const good = response.status < 300
        return {
          status: response.status,
          retryAfter: response.headers["retry-after"],
          body: yield* bodyHead(response.stream, good ? maxReply + 1 : maxErrorBody)
        }
      })
      const reply = yield* exchange.pipe(
        Effect.mapError((error) => failed(wordFor(error))),
        Effect.timeoutOrElse({
          duration: call.deadline,
          orElse: () => Effect.fail(failed(`no answer within ${call.deadline / 1_000} s`))
        }),
        Effect.tapError(() => connections.failed)
      )
      yield* reply.status >= 500 ? connections.failed : connections.worked
      if (reply.status >= 300) {
        return yield* readErrorReply({ ...reply, operation, now: yield* Clock.currentTimeMillis })
      }
      if (call.reply === undefined) return undefined as A
      if (reply.body.length > maxReply) return yield* failed(`the reply is larger than ${maxReply} bytes`, reply.status)
      return yield* Schema.decodeEffect(Schema.fromJsonString(call.reply))(reply.body).pipe(
        Effect.mapError(() => failed("the reply does not follow the protocol; check the server URL", reply.status))
      )
    }
  )
})
