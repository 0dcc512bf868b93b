import type { LeftOut, Model, Runtime } from "@muster/domain"
import { Context, Data, type Effect, type Stream } from "effect"

/** An agent CLI on this machine. */
export interface Cli {
  readonly provider: string
  /** Absolute. */
  readonly path: string
  readonly version: string
  /** It is slow to print its version: this is the last known one of the same file. */
  readonly slow?: true
  /** Bundled with Muster instead of installed on this machine. */
  readonly bundled?: true
}

/** A CLI that is left out, and why. With a path: it is there but cannot be used just now. */
export interface SkippedCli {
  readonly provider: string
  readonly path?: string
  readonly verdict: Runtime.CliVerdict
  readonly reason: string
}

/** What a look at the machine found: at most one CLI per provider. */
export interface FoundClis {
  readonly found: ReadonlyArray<Cli>
  readonly skipped: ReadonlyArray<SkippedCli>
  /** Whether the look is over; until then a CLI that is in neither list may be there all the same. */
  readonly complete: boolean
  /** Every CLI was asked once; slow ones are being asked again. */
  readonly askedOnce?: true
}

/** A CLI did not do what it was asked. `message`: one sentence for people, in the CLI's own words where it had any. */
export class CliFailed extends Data.TaggedError("CliFailed")<{
  readonly verdict: Runtime.CliVerdict
  readonly message: string
}> {}

/** The models of a CLI; `leftOut` has those that the list omits. */
export interface ListedModels {
  readonly models: ReadonlyArray<Model.Model>
  readonly source: Model.ModelSource
  readonly leftOut?: ReadonlyArray<LeftOut.LeftOut>
}

/** The machine's agent CLIs, as far as registration and pick-up need them. */
export class Clis extends Context.Service<Clis, {
  /**
   * One look at the machine, bounded in time: what is known each time that a CLI has answered; the last is complete.
   */
  readonly look: Stream.Stream<FoundClis>
  /** Returns the current `--version` output of the CLI. */
  readonly version: (cli: Cli) => Effect.Effect<string, CliFailed>
  readonly listModels: (cli: Cli) => Effect.Effect<ListedModels, CliFailed>
}>()("@muster/daemon/runtime/Clis") {}
