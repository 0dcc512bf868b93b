import { Api } from "@muster/domain"
import { Clock, Console, Effect, type Option, Schema } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { call } from "../api/Call.ts"
import { openSession } from "../api/Session.ts"
import { printTable } from "../output/Table.ts"
import { ago } from "../output/Text.ts"
import { jsonText } from "../output/Text.ts"
import { printable } from "../output/Text.ts"

const encode = Schema.encodeSync(Api.JournalRecord)

const headings = ["ID", "KIND", "RUNTIME", "STATUS", "CREATED", "DELIVERED"]

const runtimeOf = ({ runtimeGone, runtimeName }: Api.JournalRecord) =>
  runtimeName === null
    ? (runtimeGone === true ? "deleted" : "–")
    : runtimeGone === true
    ? `${runtimeName} (deleted)`
    : runtimeName

const row = (now: number) => (request: Api.JournalRecord) => [
  request.id,
  printable(request.kind.replaceAll("_", " ")),
  printable(runtimeOf(request)),
  request.status,
  ago(request.createdAt, now),
  request.deliveries.length === 0 ? "–" : `${request.deliveries.length}, ${request.deliveries.at(-1)!.via}`
]

/** `muster requests`: lists the latest requests of the workspace, newest first. */
export const listRequests = Effect.fn("listRequests")(function*(input: {
  readonly limit: number
  readonly workspace: Option.Option<string>
  readonly json: boolean
}) {
  const { connection, muster } = yield* openSession(input.workspace)
  const { requests } = yield* muster.journal.recent({ query: { limit: String(input.limit) } }).pipe(call(connection))
  if (input.json) return yield* Console.log(jsonText({ requests: requests.map((one) => encode(one)) }))
  if (requests.length === 0) {
    return yield* Console.error(
      "There are no requests yet.\nnext:  list the models of a runtime: muster models RUNTIME"
    )
  }
  yield* printTable(headings, requests.map(row(yield* Clock.currentTimeMillis)))
}, Effect.provide(FetchHttpClient.layer))
