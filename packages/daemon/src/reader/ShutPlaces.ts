import { DateTime } from "effect"
import type { ProcessTree } from "../process/ProcessTree.ts"
import type { Shut } from "./Protocol.ts"

/** How long a place that hung is skipped, in ms; the longer time applies while its process cannot be ended. */
const pauses = { usual: 60_000, stuck: 600_000 }

/** The maximum number of places; the oldest is removed. */
const maxPlaces = 256

interface Hang {
  readonly at: number
  readonly tree: ProcessTree
}

const timeOf = (ms: number) => `${DateTime.formatIso(DateTime.makeUnsafe(ms)).slice(11, 19)} UTC`

/** Folders that did not answer. Each is skipped until its pause is over. */
export class ShutPlaces {
  readonly #hangs = new Map<string, Hang>()
  readonly #living: ReadonlySet<ProcessTree>

  /** `living`: the processes of readers that have not ended. */
  constructor(living: ReadonlySet<ProcessTree>) {
    this.#living = living
  }

  #until({ at, tree }: Hang): number {
    return at + (this.#living.has(tree) ? pauses.stuck : pauses.usual)
  }

  hung(place: string, hang: Hang): void {
    this.#hangs.delete(place)
    if (this.#hangs.size >= maxPlaces) this.#hangs.delete(this.#hangs.keys().next().value!)
    this.#hangs.set(place, hang)
  }

  /** Returns the places to skip now; removes those whose pause is over. */
  shut(now: number): ReadonlyArray<Shut> {
    for (const [place, hang] of this.#hangs) if (now >= this.#until(hang)) this.#hangs.delete(place)
    return Array.from(this.#hangs, ([path, hang]) => ({
      path,
      why: `did not answer at ${timeOf(hang.at)}; Muster reads it again after ${timeOf(this.#until(hang))}`
    }))
  }
}
