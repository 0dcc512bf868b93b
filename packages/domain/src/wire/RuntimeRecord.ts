import { Schema } from "effect"
import { snakeKeys } from "../codec/Snake.ts"
import { RequestTime, RowTime } from "../codec/Time.ts"
import { CliAttempt } from "../runtime/CliHealth.ts"
import { secondFoundAt } from "../runtime/Instances.ts"
import { launchHeader } from "../runtime/ProviderDisplay.ts"
import { Runtime } from "../runtime/Runtime.ts"

const { cli: _, defaultModel: ____, ephemeral: __, instances: ___, ...shown } = Runtime.fields

const Attempt = Schema.Struct({ ...CliAttempt.fields, at: RequestTime })

/** The fields of a runtime as the API shows it. Source: `docs/protocol.md` 8.1. */
export const runtimeRecordFields = {
  ...shown,
  launchHeader: Schema.String,
  /** Empty in the reply to a registration, as in the protocol. */
  visibility: Schema.Literals(["private", "public", ""]),
  lastSeenAt: Schema.NullOr(RowTime),
  createdAt: RowTime,
  updatedAt: RowTime,
  /** When a second machine was found to use the same daemon id; absent: none was. */
  secondDaemonAt: Schema.optionalKey(RowTime),
  /** The last real use of its CLI (`used`) and its last `--version` (`started`), as requests showed; absent: none has yet. */
  cli: Schema.optionalKey(Schema.Struct({ used: Schema.NullOr(Attempt), started: Schema.NullOr(Attempt) })),
  /** The id of the model that its tasks use if they name none; absent: the CLI decides. */
  defaultModel: Schema.optionalKey(Schema.String)
}

/** A runtime as the API shows it. Source: `docs/protocol.md` 8.1. */
export const RuntimeRecord = snakeKeys(Schema.Struct(runtimeRecordFields))
export type RuntimeRecord = typeof RuntimeRecord.Type

export const runtimeRecord = (
  { cli = null, defaultModel = null, instances = null, ...runtime }: Runtime
): RuntimeRecord => {
  const second = secondFoundAt(instances)
  return {
    ...runtime,
    launchHeader: launchHeader(runtime.provider),
    ...(second !== null && { secondDaemonAt: second }),
    ...(cli !== null && { cli }),
    ...(defaultModel !== null && { defaultModel })
  }
}
