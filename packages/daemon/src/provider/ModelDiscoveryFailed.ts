import type { Runtime } from "@muster/domain"
import { Data } from "effect"
import type { StdioSessionFailed } from "../process/StdioSession.ts"

/** A CLI did not tell its models. Never cached, never turned into an empty list. */
export class ModelDiscoveryFailed extends Data.TaggedError("ModelDiscoveryFailed")<{
  /** The provider's key. */
  readonly provider: string
  readonly verdict: Runtime.CliVerdict
  /** One sentence for a person, in the CLI's own words where it had any; its words are at most 1,000 characters. */
  readonly message: string
}> {}

/** A call that came to nothing; without a reason, it was never made. */
export const discoveryFailed =
  (provider: string) => (error: { readonly message: string; readonly reason?: StdioSessionFailed["reason"] }) =>
    new ModelDiscoveryFailed({
      provider,
      verdict: error.reason === "silent"
        ? "slow"
        : error.reason === undefined || error.reason === "spawn"
        ? "broken"
        : "unable",
      message: error.message
    })
