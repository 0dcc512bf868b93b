import type { Request, RequestStatus } from "../request/Request.ts"
import type { RuntimeStatus } from "../runtime/Runtime.ts"
import type { JournalEntry } from "./JournalEntry.ts"
import type { Presence } from "./Presence.ts"

/** What is known about a request, to explain why it waits or how it ended. Times are epoch ms. */
export interface ExplainFacts {
  readonly now: number
  /** The replica that explains. */
  readonly replica: string
  readonly entry: JournalEntry
  /** The request with its limits applied: from the store, or else from the journal's notes. */
  readonly request: Request
  readonly runtime:
    | {
      readonly _tag: "Found"
      readonly name: string
      readonly status: RuntimeStatus
      readonly lastBeatAt: number | null
      /**
       * By how much its last beat may be more recent, in ms: beats at another replica are visible only after they are
       * written.
       */
      readonly beatLag: number
    }
    | { readonly _tag: "Gone" }
    /** The registry did not answer. */
    | { readonly _tag: "Unknown" }
  /** Where its last beat arrived; null: not known. */
  readonly heard: Presence | null
  /** The interval between two beats of a daemon, in ms. */
  readonly beatEvery: number
}

/** What happens next, soonest first. */
export interface Coming {
  readonly what: "wake" | "beat" | "redelivery" | "limit" | "forgotten"
  /** Epoch ms, at the latest. */
  readonly at: number
  readonly text: string
}

/** The explanation as one paragraph and in its parts. */
export interface Explanation {
  readonly status: RequestStatus
  readonly text: string
  readonly coming: ReadonlyArray<Coming>
}
