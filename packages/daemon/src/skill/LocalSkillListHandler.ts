import { LocalSkillList } from "@muster/domain"
import { Effect, Schema } from "effect"
import { FileSystem } from "effect/FileSystem"
import { HostEnvironment } from "../process/HostEnvironment.ts"
import { type Handler, RequestFailed } from "../request/Handlers.ts"
import { listSkills } from "./ListSkills.ts"
import { homeOf, skillRoots } from "./SkillRoots.ts"

const encode = Schema.encodeEffect(LocalSkillList.result)

/** "Which skills lie on your machine?" A folder that is not there is an empty one. */
export const makeLocalSkillListHandler = Effect.gen(function*() {
  const fs = yield* FileSystem
  const host = yield* HostEnvironment
  const handler: Handler = Effect.fnUntraced(function*({ provider }) {
    const { omitted, skills } = yield* listSkills(fs, provider, skillRoots(provider, host), homeOf(host))
    return yield* encode({ skills, supported: true, ...(omitted.length === 0 ? {} : { omitted }) }).pipe(
      Effect.mapError(({ message }) => new RequestFailed({ message: `the skills cannot be reported: ${message}` }))
    )
  })
  return handler
})
