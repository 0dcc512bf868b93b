import type { RequestKind, RuntimeRecord } from "@muster/domain"
import { Failure } from "../failure/Failure.ts"
import { ago } from "../output/Text.ts"
import type { RequestView } from "../request/FollowRequest.ts"
import { timedOutWaiting } from "../request/Progress.ts"
import { runtimeJson } from "./RuntimeJson.ts"

const details = (runtime: RuntimeRecord, record: RequestView) => ({
  runtime: runtimeJson(runtime),
  request_id: record.id,
  status: record.status
})

/** Why a request was not answered, or undefined where it was. `did`: what it could not do, such as `list its models`. */
export const unsuccessful = (
  kind: RequestKind,
  runtime: RuntimeRecord,
  record: RequestView,
  did: string
): Failure | undefined => {
  if (record.status === "failed") {
    return new Failure({
      class: "failedThere",
      code: "failed_on_machine",
      sentence: `${runtime.name} could not ${did}: ${record.error ?? "it gave no reason"}`,
      next: `try the CLI itself on that machine (${runtime.deviceInfo || runtime.provider}), then ask again`,
      details: details(runtime, record)
    })
  }
  if (record.status !== "timeout") return undefined
  return timedOutWaiting(kind, record)
    ? new Failure({
      class: "unanswered",
      code: "timed_out_waiting",
      sentence: `timed out waiting for the daemon of ${runtime.name}: ${record.error}`,
      next: "check that its machine is awake and its daemon runs (there: muster doctor), then ask again",
      details: details(runtime, record)
    })
    : new Failure({
      class: "unanswered",
      code: "timed_out_running",
      sentence: `timed out on the machine of ${runtime.name}: ${record.error ?? "it did not finish"}`,
      next: "the CLI may hang there: try it by hand on that machine, then ask again",
      details: details(runtime, record)
    })
}

const seen = ({ lastSeenAt }: RuntimeRecord, now: number) =>
  lastSeenAt === null ? "never seen" : `last seen ${ago(lastSeenAt, now)}`

/** The server would not even ask: the runtime is offline. */
export const offline = (runtime: RuntimeRecord, now: number, failure: Failure): Failure =>
  failure.code !== "runtime_offline" ? failure : new Failure({
    class: "unanswered",
    code: failure.code,
    sentence: `${runtime.name} is offline; it was ${seen(runtime, now)}`,
    next: "start the daemon on its machine (there: muster daemon), then ask again",
    details: { runtime: runtimeJson(runtime) }
  })
