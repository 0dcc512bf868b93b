import { Kinds, LocalSkill, type Request } from "@muster/domain"
import { Effect, Option, Schema } from "effect"
import type { FileSystem } from "effect/FileSystem"
import type { Jobs } from "../reader/serve.ts"
import { RequestFailed } from "../request/Handlers.ts"
import { listSkills, type SkillsFound } from "./ListSkills.ts"
import { readBundle } from "./ReadBundle.ts"
import { SkillQuestion } from "./SkillQuestion.ts"

/** The size of a report without its lists, in bytes. */
const frame = 64 * 1024

/** Returns the first items that fit into `maxBytes` as JSON. */
const fitting = <A>(all: ReadonlyArray<A>, maxBytes: number): ReadonlyArray<A> => {
  let bytes = 0
  const over = all.findIndex((one) => (bytes += Buffer.byteLength(JSON.stringify(one)) + 1) > maxBytes)
  return over < 0 ? all : all.slice(0, over)
}

const { bytes: bound, text: boundText } = Kinds.LocalSkillList.reportBound

/** Limits a list to a report: three quarters for the skills, the rest for those that are omitted. */
export const fit = ({ omitted, skills }: SkillsFound): SkillsFound => {
  const quarter = (bound - frame) / 4
  const kept = fitting(skills, 3 * quarter)
  const beyond = skills.slice(kept.length).map(({ key }) => ({ key, reason: `a list is at most ${boundText}` }))
  return { skills: kept, omitted: fitting([...omitted, ...beyond].slice(0, LocalSkill.maxLocalSkills), quarter) }
}

const encode = Schema.encodeEffect(Kinds.LocalSkillList.result)

/** Returns the result of a request for the local skills. An absent folder counts as empty. */
const listLocalSkills = Effect.fnUntraced(function*(fs: FileSystem, { home, provider, roots }: SkillQuestion) {
  const { omitted, skills } = fit(yield* listSkills(fs, provider, roots, home))
  return yield* encode({ skills, supported: true, ...(omitted.length === 0 ? {} : { omitted }) }).pipe(
    Effect.mapError(({ message }) => new RequestFailed({ message: `the skills cannot be reported: ${message}` }))
  )
})

const decodeKey = Schema.decodeUnknownOption(Schema.Struct({ skill_key: Schema.String }))

const { bytes: maxBytes, text: maxText } = Kinds.LocalSkillImport.reportBound

/** Returns the result of a request for a whole skill. */
const importLocalSkill = Effect.fnUntraced(
  function*(fs: FileSystem, { home, payload, provider, roots }: SkillQuestion) {
    const asked = decodeKey(payload)
    const key = Option.isSome(asked) ? asked.value.skill_key : ""
    const skill = yield* readBundle(fs, provider, roots, home, key).pipe(
      Effect.mapError(({ message }) => new RequestFailed({ message }))
    )
    const result: Request.Json = { skill }
    // Quotes and control characters are longer as JSON.
    if (Buffer.byteLength(JSON.stringify(result)) > maxBytes - 1_024) {
      return yield* new RequestFailed({ message: `local skill exceeds ${maxText} as JSON` })
    }
    return result
  }
)

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
