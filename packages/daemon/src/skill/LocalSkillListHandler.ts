import { Kinds, LocalSkill } from "@muster/domain"
import { Effect, Schema } from "effect"
import type { FileSystem } from "effect/FileSystem"
import { RequestFailed } from "../request/Handlers.ts"
import { listSkills, type SkillsFound } from "./ListSkills.ts"
import type { SkillQuestion } from "./SkillQuestion.ts"

/** What a report may hold beside its lists, in bytes. */
const frame = 64 * 1024

/** Returns the first items that fit into `maxBytes` as JSON. */
const fitting = <A>(all: ReadonlyArray<A>, maxBytes: number): ReadonlyArray<A> => {
  let bytes = 0
  const over = all.findIndex((one) => (bytes += Buffer.byteLength(JSON.stringify(one)) + 1) > maxBytes)
  return over < 0 ? all : all.slice(0, over)
}

const { bytes: bound, text: boundText } = Kinds.LocalSkillList.reportBound

/** Three quarters of a report for the skills, the rest for those that are left out. */
export const fit = ({ omitted, skills }: SkillsFound): SkillsFound => {
  const quarter = (bound - frame) / 4
  const kept = fitting(skills, 3 * quarter)
  const beyond = skills.slice(kept.length).map(({ key }) => ({ key, reason: `a list is at most ${boundText}` }))
  return { skills: kept, omitted: fitting([...omitted, ...beyond].slice(0, LocalSkill.maxLocalSkills), quarter) }
}

const encode = Schema.encodeEffect(Kinds.LocalSkillList.result)

/** The answer to "which skills are on your machine?". A folder that is absent is an empty one. */
export const listLocalSkills = Effect.fnUntraced(function*(fs: FileSystem, { home, provider, roots }: SkillQuestion) {
  const { omitted, skills } = fit(yield* listSkills(fs, provider, roots, home))
  return yield* encode({ skills, supported: true, ...(omitted.length === 0 ? {} : { omitted }) }).pipe(
    Effect.mapError(({ message }) => new RequestFailed({ message: `the skills cannot be reported: ${message}` }))
  )
})
