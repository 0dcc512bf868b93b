import { Kinds } from "@muster/domain"
import { Effect, Schema } from "effect"
import type { FileSystem } from "effect/FileSystem"
import type { Jobs } from "../reader/serve.ts"
import { importLocalSkill } from "./LocalSkillImportHandler.ts"
import { listLocalSkills } from "./LocalSkillListHandler.ts"
import { SkillQuestion } from "./SkillQuestion.ts"

const decode = Schema.decodeUnknownEffect(SkillQuestion)

type Work = (fs: FileSystem, question: SkillQuestion) => Effect.Effect<unknown, { readonly message: string }>

const job = (work: Work) => (input: unknown) =>
  Effect.map(decode(input), (question) => ({
    places: question.roots.map(({ path }) => path),
    work: (fs: FileSystem) => work(fs, question)
  }))

/** What a reader does for requests about skills, by the kind's name. */
export const skillJobs: Jobs = new Map([
  [Kinds.LocalSkillList.name, job(listLocalSkills)],
  [Kinds.LocalSkillImport.name, job(importLocalSkill)]
])
