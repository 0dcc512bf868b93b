import type { Schema } from "effect"

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

/** The fields of a JSON object as a schema sees them. */
export type Fields = Schema.Struct<Schema.Struct.Fields> & Schema.Codec<unknown, unknown>

/**
 * A kind of request, as data: its schemas and its terms. Stores, API and dispatch know kinds only through this; a new
 * kind is one file in `kinds/`, one line in `RequestKinds.ts`, and the daemon's handler.
 */
export interface RequestKind<
  Name extends string = string,
  Payload extends Fields = Fields,
  Result extends Fields = Fields
> {
  readonly name: Name
  /** Where requests of this kind stand below a runtime in every URL, such as `models`. */
  readonly path: string
  /** What the asker gives and the daemon gets; its fields also stand in the public record. */
  readonly payload: Payload
  /** What a completed report brings; its fields stand in the public record once there. */
  readonly result: Result
  /** Fields of the public record before there is a result, such as `supported: true`. */
  readonly blank: Readonly<Record<string, unknown>>
  readonly terms: Terms
  /** The name of the ack's field that carries one request of this kind. */
  readonly ackField: string
  /** For a daemon that takes several in one ack: the field that carries a list, and how many at most. */
  readonly batch?: { readonly field: string; readonly most: number }
}
