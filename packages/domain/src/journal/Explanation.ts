import type { Request, RequestStatus } from "../request/Request.ts"
import type { RuntimeStatus } from "../runtime/Runtime.ts"
import type { JournalEntry } from "./JournalEntry.ts"
import type { Presence } from "./Presence.ts"

/** What is known of a request when somebody asks why it waits or how it ended. Times are epoch ms. */
export interface ExplainFacts {
  readonly now: number
  /** The replica that is asked. */
  readonly replica: string
  readonly entry: JournalEntry
  /** The request with its limits applied: the store's, or else what the notes tell. */
  readonly request: Request
  readonly runtime:
    | {
      readonly _tag: "Found"
      readonly name: string
      readonly status: RuntimeStatus
      readonly lastBeatAt: number | null
      /** How much younger its last beat may be, in ms: beats at another replica show only when they are written. */
      readonly beatLag: number
    }
    | { readonly _tag: "Gone" }
    /** The registry could not say. */
    | { readonly _tag: "Unknown" }
  /** Where it was heard last; null: not known. */
  readonly heard: Presence | null
  /** Between two beats of a daemon, in ms. */
  readonly beatEvery: number
}

/** What is to come, soonest first. */
export interface Coming {
  readonly what: "hint" | "beat" | "redelivery" | "limit" | "forgotten"
  /** Epoch ms, at the latest. */
  readonly at: number
  readonly text: string
}

/** The same as one paragraph and in its parts. */
export interface Explanation {
  readonly status: RequestStatus
  readonly text: string
  readonly coming: ReadonlyArray<Coming>
}
