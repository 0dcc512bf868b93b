import type { Result, Schema } from "effect"
import type { RuntimeAction } from "../access/Permission.ts"
import type { Scope } from "../access/Scope.ts"
import type { AuditAction } from "../audit/AuditAction.ts"
import type { AskRefusal } from "./AskRefusal.ts"
import type { Given, Sifted } from "./Sift.ts"

export * from "./AskRefusal.ts"
export * from "./limitTexts.ts"

/** How many requests of one kind may be unfinished for one runtime. */
export type Admission =
  /** One: a second request coalesces with the unfinished one. */
  | { readonly _tag: "Coalesce" }
  /** One: a second request is refused with `conflict`. */
  | { readonly _tag: "Exclusive"; readonly conflict: string }
  /** Up to `max` waiting to be picked up; one more is refused. */
  | { readonly _tag: "Many"; readonly max: number }

/** The limits of a request of a kind. Times in ms; a limit is passed when strictly more time has elapsed. */
export interface Terms {
  /** From creation until it must be picked up. */
  readonly pending: number
  /** From the first pick-up until it must be settled. */
  readonly running: number
  /** How long the record is kept after its last change. */
  readonly retention: number
  /** The maximum number of deliveries, including the first one. */
  readonly deliveries: number
  /** Without a report, it is delivered again after this time. */
  readonly redeliverAfter: number
  readonly admission: Admission
  /** The error texts of the timeouts. */
  readonly texts: { readonly pending: string; readonly running: string }
}

/** Who may ask and read, and when. */
export interface Asking {
  /** The scope that the asker's token must have. */
  readonly scope: Scope
  /**
   * What a person must be allowed to do with the runtime in order to ask; without it the person gets only a kept
   * answer.
   */
  readonly ask: RuntimeAction
  readonly look: RuntimeAction
  /** Asking a runtime that is offline is refused (503 `runtime is offline`). */
  readonly online: boolean
  /**
   * The capability that its daemon must have. A runtime whose daemon is known to lack it is refused (409
   * `unsupported`).
   */
  readonly needs?: {
    readonly capability: string
    /** Of the runtime, in words for people: `cannot be pinged`. */
    readonly without: string
  }
}

/** The maximum bytes of one report, and the text for a refusal. */
export interface ReportBound {
  readonly bytes: number
  readonly text: string
}

/** The fields of a JSON object, as a schema describes them. */
export type Fields = Schema.Struct<Schema.Struct.Fields> & Schema.Codec<unknown, unknown>

/**
 * A kind of request, as data: its schemas, its terms, and who may ask. Stores, API, CLI client and dispatch know kinds
 * only through this. A new kind is one file in `kinds/`, a line in `RequestKinds.ts`, a group in `wire/RequestApi.ts` and
 * its handlers in the server's `RequestRoutes.ts` (a missing one is a type error), the daemon's handler, and (if its
 * completion means something to the server) a line in the server's `layerHooks.ts`.
 */
export interface RequestKind<
  Name extends string = string,
  Payload extends Fields = Fields,
  Result extends Fields = Fields
> {
  readonly name: Name
  /** The path segment of this kind's requests below a runtime in every URL, such as `models`. */
  readonly path: string
  /** The noun in texts for people: `request not found`, `failed to load request: …`. Absent: `request`. */
  readonly noun?: string
  /** The noun in the text of a failed ask: `failed to enqueue {title}: …`. Absent: from its name. */
  readonly title?: string
  /** The payload of a request; its fields are also in the public record. Without fields the body is never read. */
  readonly payload: Payload
  /**
   * Reads a body, for kinds whose protocol has its own error texts or trims values; returns the payload as its schema
   * encodes it. Absent: what the payload's schema decodes, or `invalid request body`.
   */
  readonly readAsk?: (body: unknown) => Result.Result<Payload["Encoded"], AskRefusal>
  /** Which of the payload's fields the daemon needs. Absent: all of them. */
  readonly work?: ReadonlyArray<string>
  /** The fields of the public record after completion. */
  readonly result: Result
  /**
   * The content of a completed report, where it is not the result itself: the server's hook makes the result from it.
   */
  readonly report?: Fields
  /**
   * Lists of the report from which entries that are not accepted are removed, instead of a refusal of the report; the
   * main one first.
   */
  readonly sifted?: ReadonlyArray<Sifted>
  /** Converts a completed report of another daemon's form to ours. */
  readonly readReport?: (given: Given) => Given
  /** The maximum report size. Absent: as for any other body. */
  readonly reportBound?: ReportBound
  /**
   * A report may have the status `running`, which changes nothing; then only `completed` and `failed` are accepted
   * besides.
   */
  readonly acknowledged?: true
  /** Fields of the public record before there is a result, such as `supported: true`. */
  readonly blank: Readonly<Record<string, unknown>>
  readonly asking: Asking
  /**
   * The action in the audit log for a new request, with the payload's texts and numbers. Absent: it changes nothing.
   */
  readonly audit?: AuditAction
  /**
   * The server's hook has kept answers (`atHand`): a POST reports whether its answer is a kept one, its age and how
   * long to wait; `?fresh=1` sends a request in any case.
   */
  readonly kept?: true
  /** The path for asking several in one call, below a runtime, and the maximum number. Absent: one per call. */
  readonly many?: { readonly path: string; readonly max: number }
  readonly terms: Terms
  /** The name of the ack's field that carries one request of this kind. */
  readonly ackField: string
  /** For a daemon that takes several in one ack: the field that carries a list, and the maximum number. */
  readonly batch?: { readonly field: string; readonly max: number }
}
