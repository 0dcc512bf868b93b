import type { Api } from "@muster/domain"

const names: Readonly<Record<string, string>> = {
  model_list: "List models",
  local_skill_list: "List skills",
  local_skill_import: "Import a skill",
  ping: "Check",
  update: "Update"
}

/** Returns the display name of a kind of request. */
export const kindName = (kind: string): string => Object.hasOwn(names, kind) ? names[kind]! : kind.replaceAll("_", " ")

/** The color of each status. */
export const statusTones: Readonly<Record<Api.JournalRecord["status"], string>> = {
  pending: "accent",
  running: "accent",
  completed: "good",
  failed: "bad",
  timeout: "bad"
}

/** The display name of each status. */
export const statusNames: Readonly<Record<Api.JournalRecord["status"], string>> = {
  pending: "waiting",
  running: "running",
  completed: "done",
  failed: "failed",
  timeout: "timed out"
}
