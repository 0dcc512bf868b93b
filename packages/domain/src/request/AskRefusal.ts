import { Data } from "effect"

/** Why a kind does not accept its payload. `wire/WireError.ts` makes the response. */
export type AskRefusal = Data.TaggedEnum<{
  /** The body does not have the form that the kind requires. */
  readonly InvalidBody: {}
  /** A field is absent or blank. */
  readonly Required: { readonly field: string }
  /** A value is not accepted. `sentence`: for people; which value, and what is accepted. */
  readonly Invalid: { readonly sentence: string }
}>

export const AskRefusal = Data.taggedEnum<AskRefusal>()
