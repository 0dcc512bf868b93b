import type { Api, RequestKind } from "@muster/domain"
import { Failure } from "../failure/Failure.ts"
import { ago } from "../output/Text.ts"
import type { RequestView } from "../request/FollowRequest.ts"
import { timedOutWaiting } from "../request/Progress.ts"
import { runtimeJson } from "./RuntimeJson.ts"

const details = (runtime: Api.RuntimeRecord, record: RequestView) => ({
  runtime: runtimeJson(runtime),
  request_id: record.id,
  status: record.status
})

/** Returns why a request did not succeed; undefined if it did. `action`: what was requested, such as `list its models`. */
export const unsuccessful = (
  kind: RequestKind.RequestKind,
  runtime: Api.RuntimeRecord,
  record: RequestView,
  action: string
): Failure | undefined => {
  if (record.status === "failed") {
    return new Failure({
      class: "failedThere",
      code: "failed_on_machine",
      sentence: `${runtime.name} could not ${action}: ${record.error ?? "no reason given"}`,
      next: `try the CLI on that machine (${runtime.deviceInfo || runtime.provider}), then try again`,
      details: details(runtime, record)
    })
  }
  if (record.status !== "timeout") return undefined
  return timedOutWaiting(kind, record)
    ? new Failure({
      class: "unanswered",
      code: "timed_out_waiting",
      sentence: `timed out waiting for the daemon of ${runtime.name}: ${record.error}`,
      next: "check that its machine is awake and its daemon runs (muster doctor on that machine), then try again",
      details: details(runtime, record)
    })
    : new Failure({
      class: "unanswered",
      code: "timed_out_running",
      sentence: `timed out on the machine of ${runtime.name}: ${record.error ?? "it did not finish"}`,
      next: "the CLI may hang: run it on that machine, then try again",
      details: details(runtime, record)
    })
}

const seen = ({ lastSeenAt }: Api.RuntimeRecord, now: number) =>
  lastSeenAt === null ? "never online" : `last seen ${ago(lastSeenAt, now)}`

/** Adds details of the runtime to a failure that reports it as offline. */
export const offline = (runtime: Api.RuntimeRecord, now: number, failure: Failure): Failure =>
  failure.code !== "runtime_offline" ? failure : new Failure({
    class: "unanswered",
    code: failure.code,
    sentence: `${runtime.name} is offline; it was ${seen(runtime, now)}`,
    next: "start the daemon on its machine (muster daemon), then try again",
    details: { runtime: runtimeJson(runtime) }
  })
