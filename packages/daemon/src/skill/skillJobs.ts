import { Kinds } from "@muster/domain"
import { Effect, Schema } from "effect"
import type { FileSystem } from "effect/FileSystem"
import { type Environment, HostEnvironment } from "../process/HostEnvironment.ts"
import type { Jobs } from "../reader/serve.ts"
import { importLocalSkill } from "./LocalSkillImportHandler.ts"
import { listLocalSkills } from "./LocalSkillListHandler.ts"
import { skillRoots } from "./SkillRoots.ts"

/** A question about skills: whose, and the request's payload. */
const decode = Schema.decodeUnknownEffect(Schema.Struct({ provider: Schema.String, payload: Schema.Unknown }))

type Work = (
  fs: FileSystem,
  host: Environment,
  provider: string,
  payload: unknown
) => Effect.Effect<unknown, { readonly message: string }>

const job = (work: Work) =>
  Effect.fnUntraced(function*(input: unknown) {
    const host = yield* HostEnvironment
    const { payload, provider } = yield* decode(input)
    return {
      places: skillRoots(provider, host).map(({ path }) => path),
      work: (fs: FileSystem) => work(fs, host, provider, payload)
    }
  })

/** What a reader does for requests about skills, by the kind's name. */
export const skillJobs: Jobs = new Map([
  [Kinds.LocalSkillList.name, job(listLocalSkills)],
  [Kinds.LocalSkillImport.name, job(importLocalSkill)]
])
