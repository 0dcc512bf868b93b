import { Api, Request } from "@muster/domain"
import { Console, Effect, type Option, Schema } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { call } from "../api/Call.ts"
import { openSession } from "../api/Session.ts"
import { Failure } from "../failure/Failure.ts"
import { jsonText } from "../output/Text.ts"
import { printable } from "../output/Text.ts"

const isId = Schema.is(Request.RequestId)
const encode = Schema.encodeSync(Api.ExplanationRecord)

const unknown = new Failure({
  class: "notFound",
  code: "request_not_found",
  sentence: "this workspace has no such request: the server keeps the last 100, and can miss some",
  next: "list the ids: muster requests"
})

const noId = new Failure({
  class: "usage",
  code: "not_a_request_id",
  sentence: "this is not a request id: a request id has 32 characters, each 0 to 9 or a to f",
  next: "list the ids: muster requests"
})

/** `muster explain`: prints why a request is waiting or how it ended, in one paragraph. */
export const explain = Effect.fn("explain")(function*(input: {
  readonly request: string
  readonly workspace: Option.Option<string>
  readonly json: boolean
}) {
  const requestId = input.request.trim().toLowerCase()
  if (!isId(requestId)) return yield* noId
  const { connection, muster } = yield* openSession(input.workspace)
  const explanation = yield* muster.journal.explain({ params: { requestId } }).pipe(
    call(connection),
    Effect.mapError((failure) => failure.code === unknown.code ? unknown : failure)
  )
  yield* Console.log(input.json ? jsonText(encode(explanation)) : printable(explanation.text))
}, Effect.provide(FetchHttpClient.layer))
