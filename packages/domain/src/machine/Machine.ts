import { Schema } from "effect"
import { DaemonId } from "../access/DaemonId.ts"
import { MachineId, UserId, WorkspaceId } from "../access/Identity.ts"
import { maxWorkspaces } from "../access/Workspace.ts"
import { Uuid } from "../id/Uuid.ts"
import { listOf } from "../text/BoundedText.ts"

/** How many machines a workspace may have, including those that wait to join. */
export const maxMachines = 10_000

/** How many labels a machine may have, and their maximum characters. */
export const maxLabels = 16
export const maxLabelLength = 64

/** The maximum characters of the note of a drain. */
export const maxDrainNote = 500

const labelPattern = /^[A-Za-z0-9][A-Za-z0-9._:/=-]*$/

/** A word that describes a machine, such as `gpu` or `os=linux`. */
export const Label = Schema.String.check(Schema.isMaxLength(maxLabelLength), Schema.isPattern(labelPattern)).pipe(
  Schema.brand("Label")
)
export type Label = typeof Label.Type

/** The labels of one machine, at most `maxLabels`. */
export const LabelList = listOf(Label, maxLabels)

export const JoinKeyId = Uuid.pipe(Schema.brand("JoinKeyId"))
export type JoinKeyId = typeof JoinKeyId.Type

/** The machine gets no new work; running work continues to its end. */
export const Drain = Schema.Struct({
  /** Epoch ms. */
  since: Schema.Finite,
  by: UserId,
  /** Why, for people; may be empty. */
  note: Schema.String
})
export type Drain = typeof Drain.Type

/** A computer with one daemon, which a person added to their workspaces. Times are epoch milliseconds. */
export const Machine = Schema.Struct({
  id: MachineId,
  /** The person who added it and who owns its runtimes. */
  ownerId: UserId,
  name: Schema.String,
  /** Null: it has not joined yet. */
  daemonId: Schema.NullOr(DaemonId),
  /** The ids of the workspaces that it serves and whose members include its owner. */
  workspaces: listOf(WorkspaceId, maxWorkspaces),
  labels: LabelList,
  drain: Schema.NullOr(Drain),
  /** It is removed when it has been silent for `ephemeralSilence`. */
  ephemeral: Schema.Boolean,
  /** The key that it joined with; null: a token. */
  joinKeyId: Schema.NullOr(JoinKeyId),
  /** What the machine reported about itself when it joined; empty before. */
  deviceInfo: Schema.String,
  createdAt: Schema.Finite,
  /** When it last joined. */
  joinedAt: Schema.NullOr(Schema.Finite),
  /** When its credential was last used, to the minute. */
  lastSeenAt: Schema.NullOr(Schema.Finite),
  /** The expiry of its newest credential. */
  credentialExpiresAt: Schema.NullOr(Schema.Finite)
})
export type Machine = typeof Machine.Type

/** How long an ephemeral machine may be silent, in ms, before it and its runtimes are removed. */
export const ephemeralSilence = 10 * 60_000

/** The sentence that refuses a request for work. */
export const drainText = ({ note }: Drain): string =>
  note === "" ? "machine is draining" : `machine is draining: ${note}`

/**
 * Normalizes labels (trimmed, without duplicates) or returns why they are refused: at most `maxLabels`, each of at most
 * `maxLabelLength` characters.
 */
export const labelsFrom = (texts: ReadonlyArray<string>): ReadonlyArray<Label> | string => {
  const labels = [...new Set(texts.map((text) => text.trim()))]
  if (labels.length > maxLabels) return `a machine has at most ${maxLabels} labels`
  const wrong = labels.find((text) => text.length > maxLabelLength || !labelPattern.test(text))
  if (wrong === undefined) return labels as ReadonlyArray<string> as ReadonlyArray<Label>
  return `a label is at most ${maxLabelLength} letters, digits and . _ : / = -, and begins with a letter or digit`
}
