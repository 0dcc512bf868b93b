import { RuntimeId, WorkspaceId } from "@muster/domain"
import { Schema } from "effect"

/**
 * What the daemon reads of the server's replies, and no more: a reply of the reference server, which differs from ours
 * in places, reads as well.
 */
export const WorkspacesReply = Schema.Array(Schema.Struct({ id: WorkspaceId, name: Schema.String }))

export const RegistrationReply = Schema.Struct({
  runtimes: Schema.NonEmptyArray(
    Schema.Struct({ id: RuntimeId, provider: Schema.String, name: Schema.String })
  )
})

/** A beat's reply: an object; what is in it is `readAckWork`'s to say. */
export const HeartbeatFields = Schema.Record(Schema.String, Schema.Json)
