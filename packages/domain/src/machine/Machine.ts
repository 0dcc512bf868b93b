import { Schema } from "effect"
import { DaemonId } from "../access/DaemonId.ts"
import { MachineId, UserId, WorkspaceId } from "../access/Identity.ts"
import { Uuid } from "../id/Uuid.ts"

/** How many machines a workspace may have, those that wait to join included. */
export const maxMachines = 10_000

/** How many labels a machine may have, and their characters. */
export const maxLabels = 16
export const maxLabelLength = 64

/** The most characters of the note of a drain. */
export const maxDrainNote = 500

const labelPattern = /^[A-Za-z0-9][A-Za-z0-9._:/=-]*$/

/** A word by which machines are told apart, such as `gpu` or `os=linux`. */
export const Label = Schema.String.check(Schema.isMaxLength(maxLabelLength), Schema.isPattern(labelPattern)).pipe(
  Schema.brand("Label")
)
export type Label = typeof Label.Type

export const JoinKeyId = Uuid.pipe(Schema.brand("JoinKeyId"))
export type JoinKeyId = typeof JoinKeyId.Type

/** A machine gets no new work; what runs on it ends. */
export const Drain = Schema.Struct({
  /** Epoch ms. */
  since: Schema.Finite,
  by: UserId,
  /** Why, for people; may be empty. */
  note: Schema.String
})
export type Drain = typeof Drain.Type

/** A computer with one daemon, which a person added to workspaces of theirs. Times are epoch milliseconds. */
export const Machine = Schema.Struct({
  id: MachineId,
  /** Who added it: its runtimes belong to them. */
  ownerId: UserId,
  name: Schema.String,
  /** Null: it has not joined yet. */
  daemonId: Schema.NullOr(DaemonId),
  /** Those that it serves and its owner is a member of, by id. */
  workspaces: Schema.Array(WorkspaceId),
  labels: Schema.Array(Label),
  drain: Schema.NullOr(Drain),
  /** It is removed when it has been silent for `ephemeralSilence`. */
  ephemeral: Schema.Boolean,
  /** The key that it joined with; null: a token of its own. */
  joinKeyId: Schema.NullOr(JoinKeyId),
  /** What the machine said of itself when it joined; empty before. */
  deviceInfo: Schema.String,
  createdAt: Schema.Finite,
  /** When it last joined. */
  joinedAt: Schema.NullOr(Schema.Finite),
  /** When its credential was last used, to the minute. */
  lastSeenAt: Schema.NullOr(Schema.Finite),
  /** The end of its newest credential. */
  credentialExpiresAt: Schema.NullOr(Schema.Finite)
})
export type Machine = typeof Machine.Type

/** How long an ephemeral machine may be silent, in ms, before it and its runtimes are removed. */
export const ephemeralSilence = 10 * 60_000

/** The sentence with which an ask for work is refused. */
export const drainText = ({ note }: Drain): string =>
  note === "" ? "machine is draining" : `machine is draining: ${note}`

/**
 * The labels that a person gave, trimmed and without repetitions, or what is wrong with them: there are at most
 * `maxLabels`, each of `maxLabelLength` characters.
 */
export const labelsFrom = (texts: ReadonlyArray<string>): ReadonlyArray<Label> | string => {
  const labels = [...new Set(texts.map((text) => text.trim()))]
  if (labels.length > maxLabels) return `a machine has at most ${maxLabels} labels`
  const wrong = labels.find((text) => text.length > maxLabelLength || !labelPattern.test(text))
  if (wrong === undefined) return labels as ReadonlyArray<string> as ReadonlyArray<Label>
  return `a label is at most ${maxLabelLength} letters, digits and . _ : / = -, and begins with a letter or digit`
}
