import { Predicate, Result, Schema } from "effect"
import { UserId } from "../../access/Identity.ts"
import { goString, goText } from "../../codec/Go.ts"
import { ReportedBundle } from "../../skill/LocalSkill.ts"
import { SkillId } from "../../skill/Skill.ts"
import * as SkillLimits from "../../skill/SkillLimits.ts"
import * as SkillPath from "../../skill/SkillPath.ts"
import { SkillRecord } from "../../skill/SkillRecord.ts"
import { cleanText } from "../../store/CleanText.ts"
import { textOf } from "../../text/BoundedText.ts"
import { isPlainText } from "../../text/PlainText.ts"
import { AskRefusal } from "../AskRefusal.ts"
import { limitTexts } from "../limitTexts.ts"
import type { RequestKind } from "../RequestKind.ts"

const payload = Schema.Struct({
  /** As the list of local skills has it. */
  skill_key: textOf(SkillPath.maxKey),
  /** Instead of the skill's own. */
  name: Schema.optionalKey(textOf(SkillLimits.limits.name)),
  description: Schema.optionalKey(textOf(SkillLimits.limits.description)),
  /** The caller reads `conflict`; without this an existing name is a failure. */
  supports_conflict: Schema.optionalKey(Schema.Boolean),
  /** Replaces a skill of this name by the same author. */
  overwrite: Schema.optionalKey(Schema.Boolean)
})

/** A skill of the same name, which does not change. */
const Conflict = Schema.Struct({
  skill_id: SkillId,
  name: Schema.String,
  created_by: Schema.NullOr(UserId),
  /** Whether the caller may import again with `overwrite`. */
  can_overwrite: Schema.Boolean
})

const result = Schema.Struct({
  skill: Schema.optionalKey(SkillRecord),
  conflict: Schema.optionalKey(Conflict)
})

/**
 * What `SkillLimits.limits` allow, with a Go daemon's escapes: six bytes for one of `<`, `>`, `&`, a control character
 * or a byte that is not UTF-8; plus 4 MiB for everything except the files.
 */
const reportBound = { bytes: 6 * SkillLimits.limits.bundle + 4 * 1024 * 1024, text: "52 MiB" }

const report = Schema.Struct({ skill: Schema.optionalKey(ReportedBundle) })

const decode = Schema.decodeUnknownResult(Schema.Struct({
  skill_key: goText(Schema.String),
  name: goText(Schema.String),
  description: goText(Schema.String),
  supports_conflict: Schema.optionalKey(Schema.NullOr(Schema.Boolean)),
  overwrite: Schema.optionalKey(Schema.NullOr(Schema.Boolean))
}))

/** The fields that were given; blank and null ones are not. */
const given = <Fields extends Record<string, string | boolean | null | undefined>>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => Predicate.isTruthy(value)))

const refuse = (refusal: AskRefusal) => Result.fail(refusal)

const readAsk = (body: unknown): Result.Result<typeof payload.Encoded, AskRefusal> =>
  Result.flatMap(Result.mapError(decode(body), (): AskRefusal => AskRefusal.InvalidBody()), (asked) => {
    const name = cleanText(goString(asked.name))
    const description = cleanText(goString(asked.description))
    if (goString(asked.skill_key) === "") return refuse(AskRefusal.Required({ field: "skill_key" }))
    const refused = SkillPath.refuseKey(goString(asked.skill_key))
    if (refused !== undefined) return refuse(AskRefusal.Invalid({ sentence: refused }))
    if (name.length > SkillLimits.limits.name || description.length > SkillLimits.limits.description) {
      const bounds =
        `name is at most ${SkillLimits.limits.name} characters, description at most ${SkillLimits.limits.description}`
      return refuse(AskRefusal.Invalid({ sentence: bounds }))
    }
    if (!isPlainText(name)) {
      return Result.fail(
        AskRefusal.Invalid({ sentence: "name must be one line without control characters and marks of direction" })
      )
    }
    const { overwrite, supports_conflict } = asked
    return Result.succeed({
      skill_key: cleanText(SkillPath.cleanKey(goString(asked.skill_key))),
      ...given({ name, description, supports_conflict, overwrite })
    })
  })

/**
 * Imports one skill with its files. The server's hook adds it to the workspace's library with the caller as the author.
 * A skill is text from the owner's machine, so only the owner imports from a private runtime. Source:
 * `docs/protocol.md` 7.8, 8.8.
 */
export const LocalSkillImport = {
  name: "local_skill_import",
  path: "local-skills/import",
  title: "local skill import",
  payload,
  readAsk,
  work: ["skill_key"],
  result,
  report,
  reportBound,
  blank: {},
  asking: { scope: "ask", ask: "import", look: "import", online: true },
  many: { path: "local-skills/imports", max: 100 },
  terms: {
    pending: 180_000,
    running: 60_000,
    retention: 300_000,
    deliveries: 2,
    redeliverAfter: 20_000,
    admission: { _tag: "Many", max: 500 },
    texts: limitTexts(180, 60)
  },
  ackField: "pending_local_skill_import",
  batch: { field: "pending_local_skill_imports", max: 10 }
} as const satisfies RequestKind<"local_skill_import", typeof payload, typeof result>
