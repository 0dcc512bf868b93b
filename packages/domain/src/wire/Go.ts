import { Schema } from "effect"

/** A string field as the protocol's other side reads it: absent and `null` both mean the empty string. */
export const GoString = Schema.optionalKey(Schema.NullOr(Schema.String))

/** A list of strings of the same sort: absent and `null` both mean none. */
export const GoStrings = Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.String)))

export const goString = (value: string | null | undefined): string => (value ?? "").trim()
