import { type Api, Kinds } from "@muster/domain"
import { Clock, Effect } from "effect"
import type { Session } from "../api/Session.ts"
import { follow } from "../request/FollowRequest.ts"
import { makeProgress } from "../request/Progress.ts"
import { offline, unsuccessful } from "../runtime/RequestFailure.ts"

/** The record of a request that lists the skills on a machine. */
export type SkillListing = ReturnType<typeof Api.requestRecord<typeof Kinds.LocalSkillList>>["Type"]

/** Requests the skills on a runtime's machine and waits for the end, 90 s by the server's limits. */
export const askSkills = Effect.fn("askSkills")(function*({ connection, muster }: Session, runtime: Api.RuntimeRecord) {
  const now = yield* Clock.currentTimeMillis
  const runtimeId = runtime.id
  const record = yield* follow({
    connection,
    limit: "100 seconds",
    ask: muster.localSkillList.ask({ params: { runtimeId } }),
    look: (requestId, query) => muster.localSkillList.look({ params: { runtimeId, requestId }, query }),
    onChange: yield* makeProgress(Kinds.LocalSkillList)
  }).pipe(Effect.mapError((failure) => offline(runtime, now, failure)))
  const failure = unsuccessful(Kinds.LocalSkillList, runtime, record, "list its skills")
  return failure === undefined ? record : yield* failure
})
