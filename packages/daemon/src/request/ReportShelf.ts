import { Context, Effect, Layer } from "effect"
import type { NotKept } from "../disk/DiskWrite.ts"

/** The content of a shelf, in any order, and how many texts could not be read and were set aside. */
export interface ShelfContents {
  readonly texts: ReadonlyArray<{ readonly name: string; readonly text: string }>
  readonly damaged: number
}

/**
 * Stores the texts of reports beyond the process. A name consists of letters and digits. Each operation ends within 5 s; a text
 * is stored completely or not at all.
 */
export class ReportShelf extends Context.Service<ReportShelf, {
  /** Its location, for people. */
  readonly place: string
  /** Returns about this many texts and bytes at most, for the start; others stay stored. */
  readonly contents: (bounds: { readonly texts: number; readonly bytes: number }) => Effect.Effect<ShelfContents>
  /** Succeeds when the text survives a crash of the process and of the machine. Replaces a text of the same name. */
  readonly put: (name: string, text: string) => Effect.Effect<void, NotKept>
  /** An absent name is a no-op. */
  readonly drop: (name: string) => Effect.Effect<void, NotKept>
  /** Moves a text that is not a report aside, for people. */
  readonly setAside: (name: string) => Effect.Effect<void>
}>()("@muster/daemon/request/ReportShelf") {
  /** Stores nothing beyond the process: for tests and simulations. */
  static readonly layerMemory = Layer.succeed(this, {
    place: "memory",
    contents: () => Effect.succeed({ texts: [], damaged: 0 }),
    put: () => Effect.void,
    drop: () => Effect.void,
    setAside: () => Effect.void
  })
}
