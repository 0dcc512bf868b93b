import { Schema } from "effect"
import { LocalSkill, maxLocalSkills, OmittedSkill, readLocalSkill, readOmittedSkill } from "../../skill/LocalSkill.ts"
import { LeftOuts } from "../LeftOut.ts"
import { limitTexts } from "../limitTexts.ts"
import type { RequestKind } from "../RequestKind.ts"

const payload = Schema.Struct({})

/** What the daemon reports: the skills in the order of their keys, and whether the provider supports skills. */
const result = Schema.Struct({
  skills: Schema.optionalKey(Schema.Array(LocalSkill).check(Schema.isMaxLength(maxLocalSkills))),
  supported: Schema.optionalKey(Schema.Boolean),
  /** Skills that exist and cannot be imported, for example because they exceed a limit. */
  omitted: Schema.optionalKey(Schema.Array(OmittedSkill).check(Schema.isMaxLength(maxLocalSkills))),
  /** Entries of the report that were not accepted, and why. */
  left_out: Schema.optionalKey(LeftOuts)
})

/** Lists the skills on the machine. Any number of callers share one request. Source: `docs/protocol.md` 7.7, 8.6. */
export const LocalSkillList = {
  name: "local_skill_list",
  path: "local-skills",
  title: "local skills request",
  payload,
  result,
  sifted: [
    { field: "skills", entry: LocalSkill, max: maxLocalSkills, read: readLocalSkill },
    { field: "omitted", entry: OmittedSkill, max: maxLocalSkills, read: readOmittedSkill }
  ],
  reportBound: { bytes: 4 * 1024 * 1024, text: "4 MiB" },
  blank: { supported: true },
  asking: { scope: "ask", ask: "see", look: "see", online: true },
  terms: {
    pending: 30_000,
    running: 60_000,
    retention: 120_000,
    deliveries: 2,
    redeliverAfter: 20_000,
    admission: { _tag: "Coalesce" },
    texts: limitTexts(30, 60)
  },
  ackField: "pending_local_skills"
} as const satisfies RequestKind<"local_skill_list", typeof payload, typeof result>
