import { Data } from "effect"

/** Why a kind does not accept what its asker sent. `wire/WireError.ts` makes the response of it. */
export type AskRefusal = Data.TaggedEnum<{
  /** The body has not the form that the kind needs. */
  readonly InvalidBody: {}
  /** A field is absent or blank. */
  readonly Required: { readonly field: string }
  /** A value is not accepted. `sentence`: for people, which value and what is accepted. */
  readonly Invalid: { readonly sentence: string }
}>

export const AskRefusal = Data.taggedEnum<AskRefusal>()
