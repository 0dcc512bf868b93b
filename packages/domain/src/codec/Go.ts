import { Schema } from "effect"

/**
 * A string field with the semantics of the protocol's Go implementation: absent and `null` both mean the empty string.
 */
export const goText = <Text extends Schema.Constraint>(text: Text) => Schema.optionalKey(Schema.NullOr(text))

export const goString = (value: string | null | undefined): string => (value ?? "").trim()
