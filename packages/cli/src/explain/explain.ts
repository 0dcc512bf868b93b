import { ExplanationRecord } from "@muster/domain"
import { Console, Effect, type Option, Schema } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { call } from "../api/call.ts"
import { openSession } from "../api/Session.ts"
import { Failure } from "../failure/Failure.ts"
import { jsonText } from "../output/Json.ts"
import { printable } from "../output/Printable.ts"

const encode = Schema.encodeSync(ExplanationRecord)

const unknown = new Failure({
  class: "notFound",
  code: "request_not_found",
  sentence: "the server knows no such request in this workspace: it remembers the last 100, and may miss one",
  next: "see their ids: muster requests"
})

/** `muster explain`: why a request waits, or how it ended, in one paragraph. */
export const explain = Effect.fn("explain")(function*(input: {
  readonly request: string
  readonly workspace: Option.Option<string>
  readonly json: boolean
}) {
  const { connection, muster } = yield* openSession(input.workspace)
  const requestId = input.request.trim().toLowerCase()
  const explanation = yield* muster.journal.explain({ params: { requestId } }).pipe(
    call(connection),
    Effect.mapError((failure) => failure.code === unknown.code ? unknown : failure)
  )
  yield* Console.log(input.json ? jsonText(encode(explanation)) : printable(explanation.text))
}, Effect.provide(FetchHttpClient.layer))
