import type { Result, Schema } from "effect"
import type { RuntimeAction } from "../access/Permission.ts"
import type { AuditAction } from "../audit/AuditAction.ts"
import type { AskRefusal } from "./AskRefusal.ts"
import type { Given, Sifted } from "./Sift.ts"

export * from "./AskRefusal.ts"
export * from "./limitTexts.ts"

/** How many requests of one kind may be unfinished for one runtime. */
export type Admission =
  /** One: a second asker gets the one that is there. */
  | { readonly _tag: "Coalesce" }
  /** One: a second asker is refused with `conflict`. */
  | { readonly _tag: "Exclusive"; readonly conflict: string }
  /** Up to `most` waiting to be picked up; one more is refused. */
  | { readonly _tag: "Many"; readonly most: number }

/** The limits that a request of a kind lives under. Times in ms; a limit is passed when strictly more time went by. */
export interface Terms {
  /** From creation until it must have been picked up. */
  readonly pending: number
  /** From the first pick-up until it must be settled. */
  readonly running: number
  /** How long the record is kept after its last change. */
  readonly retention: number
  /** How often it is handed out at most, the first time included. */
  readonly deliveries: number
  /** After how long without a report it is handed out again. */
  readonly redeliverAfter: number
  readonly admission: Admission
  /** What the record says when a limit is passed. */
  readonly texts: { readonly pending: string; readonly running: string }
}

/** Who asks and looks, and when. */
export interface Asking {
  /** What a person must be allowed to do with the runtime in order to ask; without it a kept answer is all there is. */
  readonly ask: RuntimeAction
  readonly look: RuntimeAction
  /** Asking a runtime that is offline is refused (503 `runtime is offline`). */
  readonly online: boolean
  /** What its daemon must be able to do. Asking a runtime whose daemon is known to lack it is refused (409 `unsupported`). */
  readonly needs?: {
    readonly capability: string
    /** Of the runtime, in words for people: `cannot be pinged`. */
    readonly without: string
  }
}

/** Bytes of one report, and how a refusal calls them. */
export interface ReportBound {
  readonly bytes: number
  readonly text: string
}

/** The fields of a JSON object as a schema sees them. */
export type Fields = Schema.Struct<Schema.Struct.Fields> & Schema.Codec<unknown, unknown>

/**
 * A kind of request, as data: its schemas, its terms, and who may ask. Stores, API, CLI client and dispatch know kinds
 * only through this; a new kind is one file in `kinds/`, one line in `RequestKinds.ts`, the daemon's handler, and (if
 * its completion means something to the server) a line in the server's `layerHooks.ts`.
 */
export interface RequestKind<
  Name extends string = string,
  Payload extends Fields = Fields,
  Result extends Fields = Fields
> {
  readonly name: Name
  /** Where requests of this kind stand below a runtime in every URL, such as `models`. */
  readonly path: string
  /** What a person reads of it: `request not found`, `failed to load request: …`. Absent: `request`. */
  readonly noun?: string
  /** Names it where it cannot be asked: `failed to enqueue {title}: …`. Absent: from its name. */
  readonly title?: string
  /** What the asker gives; its fields also stand in the public record. Without fields the body is never read. */
  readonly payload: Payload
  /**
   * Reads what an asker sent, where the protocol has words of its own for bad bodies or trims what it takes; answers the
   * payload as its schema encodes it. Absent: what the payload's schema decodes, or `invalid request body`.
   */
  readonly readAsk?: (body: unknown) => Result.Result<Payload["Encoded"], AskRefusal>
  /** Which of the payload's fields the daemon needs. Absent: all of them. */
  readonly work?: ReadonlyArray<string>
  /** What stands in the public record once it is completed. */
  readonly result: Result
  /** What a completed report brings, where it is not the result itself: the server's hook makes the result of it. */
  readonly report?: Fields
  /** Lists of the report that lose an entry that is not accepted, rather than being refused; the main one first. */
  readonly sifted?: ReadonlyArray<Sifted>
  /** Makes of a completed report in the words of other daemons one in ours. */
  readonly readReport?: (given: Given) => Given
  /** The largest report. Absent: as any other body. */
  readonly reportBound?: ReportBound
  /** A report may say `running`, which changes nothing; then no status but `completed` and `failed` is understood. */
  readonly acknowledged?: true
  /** Fields of the public record before there is a result, such as `supported: true`. */
  readonly blank: Readonly<Record<string, unknown>>
  readonly asking: Asking
  /** What the audit log calls it when one is asked, with the payload's texts and numbers. Absent: it changes nothing. */
  readonly audit?: AuditAction
  /**
   * The server's hook has answers at hand (`atHand`): a POST says whether its answer is one, how old it is and how long
   * it is worth waiting, and asks the daemon all the same with `?fresh=1`.
   */
  readonly kept?: true
  /** Where several are asked at once, below a runtime, and how many at most. Absent: one at a time. */
  readonly many?: { readonly path: string; readonly most: number }
  readonly terms: Terms
  /** The name of the ack's field that carries one request of this kind. */
  readonly ackField: string
  /** For a daemon that takes several in one ack: the field that carries a list, and how many at most. */
  readonly batch?: { readonly field: string; readonly most: number }
}
