import { LocalSkillImport } from "@muster/domain"
import type { FailureClass } from "../failure/ExitCode.ts"
import { timedOutWaiting } from "../request/Progress.ts"
import type { SkillImport } from "./Records.ts"

/** What became of one skill. */
export type Item =
  | { readonly key: string; readonly outcome: "imported"; readonly id: string; readonly name: string }
  | { readonly key: string; readonly outcome: "refused"; readonly class: FailureClass; readonly reason: string }

export const refused = (key: string, kind: FailureClass, reason: string): Item => ({
  key,
  outcome: "refused",
  class: kind,
  reason
})

/** The server would not ask for this one: its words, and its word for machines. */
export const unasked = (key: string, { code, error }: { readonly code: string; readonly error: string }): Item =>
  refused(key, code === "unavailable" || code === "too_many" ? "server" : "usage", error)

/** What a settled import came to. */
export const itemOf = (key: string, record: SkillImport): Item => {
  const { conflict, error, skill } = record
  if (skill !== undefined) return { key, outcome: "imported", id: skill.id, name: skill.name }
  if (conflict !== undefined) {
    const next = conflict.can_overwrite ? "; it is yours: --overwrite replaces it" : ""
    return refused(key, "other", `a skill named "${conflict.name}" already exists${next}`)
  }
  if (record.status === "failed") return refused(key, "failedThere", error ?? "it gave no reason")
  const where = timedOutWaiting(LocalSkillImport, record) ? "waiting for the daemon" : "on the machine"
  return refused(key, "unanswered", `timed out ${where}: ${error ?? "it did not finish"}`)
}
