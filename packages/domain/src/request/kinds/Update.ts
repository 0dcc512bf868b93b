import { Predicate, Result, Schema } from "effect"
import { AskRefusal } from "../AskRefusal.ts"
import type { RequestKind } from "../RequestKind.ts"

/** A version of Muster, such as `1.2.3`, `v1.2.3` or `1.3.0-rc.1`; at most 64 characters. Source of the form: semver.org. */
export const TargetVersion = Schema.String.check(
  Schema.isMaxLength(64),
  Schema.isPattern(/^v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z.-]+)?$/)
)

const payload = Schema.Struct({ target_version: TargetVersion })

const result = Schema.Struct({
  /** What was done, in one sentence. */
  output: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(4_096)))
})

const isVersion = Schema.is(TargetVersion)

/** Source of the words: `docs/protocol.md` 8.10. */
const readAsk = (body: unknown) => {
  if (!Predicate.isObject(body)) return Result.fail(AskRefusal.InvalidBody())
  // As in every field of the protocol, null means absent.
  const given = (body as { readonly target_version?: unknown }).target_version ?? ""
  if (typeof given !== "string") return Result.fail(AskRefusal.InvalidBody())
  const target = given.trim()
  if (target === "") return Result.fail(AskRefusal.Required({ field: "target_version" }))
  return isVersion(target)
    ? Result.succeed({ target_version: target })
    : Result.fail(AskRefusal.Invalid({ sentence: "target_version must be a version such as 1.2.3" }))
}

/** Updates Muster to this version. It is for the daemon itself, though it is sent through one of its runtimes. */
export const Update = {
  name: "update",
  path: "update",
  noun: "update",
  title: "update",
  payload,
  readAsk,
  result,
  acknowledged: true,
  blank: {},
  audit: "runtime.update",
  asking: { scope: "admin", ask: "update", look: "see", online: false },
  terms: {
    pending: 120_000,
    running: 150_000,
    retention: 300_000,
    deliveries: 1,
    redeliverAfter: 150_000,
    admission: { _tag: "Exclusive", conflict: "an update is already in progress for this runtime" },
    texts: {
      pending: "daemon did not respond within 120 seconds",
      running: "update did not complete within 150 seconds"
    }
  },
  ackField: "pending_update"
} as const satisfies RequestKind<"update", typeof payload, typeof result>
