import { Task, Uuid } from "@muster/domain"
import { Option, Schema } from "effect"
import { storedInTab, storeInTab } from "../ui/Storage.ts"

/** What a person asks for, besides the runtime. */
export const Draft = Schema.Struct({
  prompt: Schema.String,
  folder: Schema.String,
  model: Schema.optional(Schema.String),
  policy: Task.Policy,
  /** The idempotency key of the call that sends this draft. Each change makes a new one. */
  key: Uuid.Uuid
})
export type Draft = typeof Draft.Type

/** The drafts of one person by runtime, the last changed one last. */
const Drafts = Schema.Struct({
  user: Schema.String,
  drafts: Schema.Array(Schema.Struct({ runtime: Schema.String, draft: Draft }))
})
type Drafts = typeof Drafts.Type

const Text = Schema.fromJsonString(Drafts)
const read = Schema.decodeUnknownOption(Text)
const write = Schema.encodeSync(Text)

const key = "task-drafts"
const maxDrafts = 8
const encoder = new TextEncoder()

/** The size of a prompt in UTF-8, as its limit counts it. */
export const bytesOf = (prompt: string): number => encoder.encode(prompt).length

/**
 * Replaces the draft of a runtime; undefined or an empty prompt removes it. At most 8 drafts remain, the last changed ones.
 * A prompt over the limit of a task is not kept: the draft before it remains.
 */
export const withDraft = (drafts: Drafts["drafts"], runtime: string, draft: Draft | undefined): Drafts["drafts"] => {
  const others = drafts.filter((one) => one.runtime !== runtime)
  if (draft === undefined || draft.prompt.trim() === "") return others
  if (bytesOf(draft.prompt) > Task.maxPrompt) return drafts
  return [...others, { runtime, draft }].slice(-maxDrafts)
}

/** The drafts of this person in this tab. Those of another person, whose session has ended, are removed. */
const draftsOf = (user: string): Drafts["drafts"] => {
  const text = storedInTab(key)
  if (text === undefined) return []
  const found = Option.getOrUndefined(read(text))
  if (found?.user === user) return found.drafts
  storeInTab(key, undefined)
  return []
}

/** The draft of a person for a runtime, which this tab keeps until the task is given or the person signs out. */
export const recallDraft = (user: string, runtime: string): Draft | undefined =>
  draftsOf(user).find((one) => one.runtime === runtime)?.draft

/** Keeps a draft; undefined removes it. */
export const keepDraft = (user: string, runtime: string, draft: Draft | undefined): void => {
  const drafts = withDraft(draftsOf(user), runtime, draft)
  storeInTab(key, drafts.length === 0 ? undefined : write({ user, drafts }))
}
