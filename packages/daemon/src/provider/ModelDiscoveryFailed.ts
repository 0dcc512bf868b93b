import { Data } from "effect"
import type { ConversationFailed } from "../process/ConversationFailed.ts"

/** A CLI did not tell its models. Never cached, never turned into an empty list. */
export class ModelDiscoveryFailed extends Data.TaggedError("ModelDiscoveryFailed")<{
  /** The provider's key. */
  readonly provider: string
  /** One sentence for a person, in the CLI's own words where it had any; its words are at most 1,000 characters. */
  readonly message: string
}> {}

export const discoveryFailed = (provider: string) => (error: ConversationFailed | { readonly message: string }) =>
  new ModelDiscoveryFailed({ provider, message: error.message })
