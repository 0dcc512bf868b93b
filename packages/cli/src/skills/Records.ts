import type { LocalSkillImport, LocalSkillList, requestRecord } from "@muster/domain"

/** A question for the skills on a machine, and what came of it. */
export type SkillListing = ReturnType<typeof requestRecord<typeof LocalSkillList>>["Type"]

/** One skill that is being imported. */
export type SkillImport = ReturnType<typeof requestRecord<typeof LocalSkillImport>>["Type"]
