import { Schema } from "effect"

/** The stable name of one daemon process per machine. Free text on the wire (normally a UUIDv7), 1 to 256 characters. */
export const DaemonId = Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(256)).pipe(
  Schema.brand("DaemonId")
)
export type DaemonId = typeof DaemonId.Type
