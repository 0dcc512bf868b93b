import { Kinds, Request, Runtime } from "@muster/domain"
import { Option, Schema } from "effect"
import type { Report } from "../client/ServerApi.ts"

/** A report and when the work was finished, in epoch ms by this machine's wall clock. */
export interface StoredReport {
  readonly report: Report
  readonly finishedAt: number
}

const Result = Schema.Record(Schema.String, Schema.Json)

/** One file of the outbox. */
const ReportFile = Schema.fromJsonString(Schema.Struct({
  version: Schema.Literal(1),
  kind: Schema.String,
  runtime_id: Runtime.RuntimeId,
  request_id: Request.RequestId,
  finished_at: Schema.Finite,
  outcome: Schema.Union([
    Schema.Struct({ completed: Result }),
    Schema.Struct({ failed: Schema.String })
  ])
}))

const encode = Schema.encodeSync(ReportFile)
const decode = Schema.decodeUnknownOption(ReportFile)

const outcomeOf = (said: { readonly completed: Request.Json } | { readonly failed: string }): Request.Outcome =>
  "completed" in said ? { _tag: "Completed", result: said.completed } : { _tag: "Failed", error: said.failed }

/** Returns the text of its file. */
export const writeReport = ({ finishedAt, report: { kind, outcome, requestId, runtimeId } }: StoredReport): string =>
  encode({
    version: 1,
    kind: kind.name,
    runtime_id: runtimeId,
    request_id: requestId,
    finished_at: finishedAt,
    outcome: outcome._tag === "Completed" ? { completed: outcome.result } : { failed: outcome.error }
  })

/** Returns none if the text is not a report, or one of an unknown kind. */
export const readReport = (text: string): Option.Option<StoredReport> =>
  Option.flatMap(decode(text), (file) => {
    const kind = Kinds.all.find(({ name }) => name === file.kind)
    if (kind === undefined) return Option.none()
    const report = {
      kind,
      runtimeId: file.runtime_id,
      requestId: file.request_id,
      outcome: outcomeOf(file.outcome)
    }
    return Option.some({ report, finishedAt: file.finished_at })
  })

/**
 * Returns whether the server has removed the request: it was delivered before its work was finished, so all its limits and its
 * retention have passed. Its report is useless.
 */
export const isForgotten = ({ finishedAt, report }: StoredReport, now: number): boolean =>
  now - finishedAt > report.kind.terms.running + report.kind.terms.retention
