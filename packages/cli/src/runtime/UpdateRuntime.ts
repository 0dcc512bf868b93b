import { type Api, Kinds } from "@muster/domain"
import { Console, Effect, type Option, Schema } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { call } from "../api/Call.ts"
import { openSession } from "../api/Session.ts"
import { Failure } from "../failure/Failure.ts"
import { jsonText } from "../output/Text.ts"
import { printable } from "../output/Text.ts"
import { follow } from "../request/FollowRequest.ts"
import { makeProgress, timedOutWaiting } from "../request/Progress.ts"
import { findRuntime } from "./FindRuntime.ts"
import { runtimeJson } from "./RuntimeJson.ts"

type UpdateRecord = ReturnType<typeof Api.requestRecord<typeof Kinds.Update>>["Type"]

const isVersion = Schema.is(Kinds.TargetVersion)

const noVersion = (text: string) =>
  new Failure({
    class: "usage",
    code: "not_a_version",
    sentence: `"${text}" is not a version`,
    next: "give a full version: --to 1.2.3"
  })

const failure = (runtime: Api.RuntimeRecord, record: UpdateRecord, details: Readonly<Record<string, unknown>>) => {
  const why = record.error ?? "no reason given"
  if (record.status === "failed") {
    return new Failure({
      class: "failedThere",
      code: "failed_on_machine",
      sentence: `the daemon of ${runtime.name} was not updated: ${why}`,
      next: "fix this on its machine, then try again",
      details
    })
  }
  if (record.status !== "timeout") return undefined
  return new Failure({
    class: "unanswered",
    code: timedOutWaiting(Kinds.Update, record) ? "timed_out_waiting" : "timed_out_running",
    sentence: `the daemon of ${runtime.name} did not answer: ${why}`,
    next: `see its version: muster runtimes --json; check it: muster ping ${runtime.id.slice(0, 8)}`,
    details
  })
}

/** `muster update`: installs another version of Muster on a runtime's machine. */
export const update = Effect.fn("update")(function*(input: {
  readonly runtime: string
  readonly to: string
  readonly workspace: Option.Option<string>
  readonly json: boolean
}) {
  const target = input.to.trim()
  if (!isVersion(target)) return yield* noVersion(input.to)
  const { connection, muster } = yield* openSession(input.workspace)
  const runtimes = yield* muster.runtimes.list({ query: {} }).pipe(call(connection))
  const runtime = yield* findRuntime(runtimes, input.runtime)
  const runtimeId = runtime.id
  const record = yield* follow({
    connection,
    limit: "280 seconds",
    ask: muster.update.ask({ params: { runtimeId }, payload: { target_version: target } }),
    look: (requestId, query) => muster.update.look({ params: { runtimeId, requestId }, query }),
    onChange: yield* makeProgress(Kinds.Update)
  })
  const document = {
    runtime: runtimeJson(runtime),
    request_id: record.id,
    status: record.status,
    target_version: record.target_version,
    output: record.output ?? null
  }
  const failed = failure(runtime, record, document)
  if (failed !== undefined) return yield* failed
  yield* Console.log(
    input.json ? jsonText(document) : `${printable(runtime.name)}: ${printable(record.output ?? "done")}`
  )
}, Effect.provide(FetchHttpClient.layer))
