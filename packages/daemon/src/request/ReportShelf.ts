import { Context, Data, Effect, Layer } from "effect"

/** Something could not be kept on the disk, or not be taken away from there. `reason`: a few words, without a path. */
export class NotKept extends Data.TaggedError("NotKept")<{ readonly reason: string }> {
  override get message() {
    return this.reason
  }
}

/** What a shelf holds, in any order, and how much of it could not be read and was set aside. */
export interface ShelfContents {
  readonly texts: ReadonlyArray<{ readonly name: string; readonly text: string }>
  readonly damaged: number
}

/**
 * Where the texts of reports survive the process. A name is made of letters and digits. Each operation ends within 5 s;
 * a text is there whole or not at all.
 */
export class ReportShelf extends Context.Service<ReportShelf, {
  /** Where it is, for people. */
  readonly place: string
  /** For the start: at most about this many texts and bytes of them; what is above stays where it is. */
  readonly contents: (bounds: { readonly texts: number; readonly bytes: number }) => Effect.Effect<ShelfContents>
  /** Done when the text will survive the end of the process and of the machine. Replaces one of the same name. */
  readonly put: (name: string, text: string) => Effect.Effect<void, NotKept>
  /** An absent name is a no-op. */
  readonly drop: (name: string) => Effect.Effect<void, NotKept>
  /** Takes a text that is no report out of the way, where a person can look at it. */
  readonly setAside: (name: string) => Effect.Effect<void>
}>()("@muster/daemon/request/ReportShelf") {
  /** Keeps nothing beyond the process: for tests and simulations. */
  static readonly layerMemory = Layer.succeed(this, {
    place: "memory",
    contents: () => Effect.succeed({ texts: [], damaged: 0 }),
    put: () => Effect.void,
    drop: () => Effect.void,
    setAside: () => Effect.void
  })
}
