import { Kinds, type Request } from "@muster/domain"
import { Effect, Option, Schema } from "effect"
import type { FileSystem } from "effect/FileSystem"
import { RequestFailed } from "../request/Handlers.ts"
import { readBundle } from "./ReadBundle.ts"
import type { SkillQuestion } from "./SkillQuestion.ts"

const decodeKey = Schema.decodeUnknownOption(Schema.Struct({ skill_key: Schema.String }))

const { bytes: maxBytes, text: maxText } = Kinds.LocalSkillImport.reportBound

/** The answer to "send me this skill, whole". */
export const importLocalSkill = Effect.fnUntraced(
  function*(fs: FileSystem, { home, payload, provider, roots }: SkillQuestion) {
    const asked = decodeKey(payload)
    const key = Option.isSome(asked) ? asked.value.skill_key : ""
    const skill = yield* readBundle(fs, provider, roots, home, key).pipe(
      Effect.mapError(({ message }) => new RequestFailed({ message }))
    )
    const result: Request.Json = { skill }
    // Text of nothing but quotes or control characters grows on its way.
    if (Buffer.byteLength(JSON.stringify(result)) > maxBytes - 1_024) {
      return yield* new RequestFailed({ message: `local skill exceeds ${maxText} as JSON` })
    }
    return result
  }
)
