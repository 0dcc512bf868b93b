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

/** A CLI that is omitted, and the reason. With a path: it exists but cannot be used now. */
export interface SkippedCli {
  readonly provider: string
  readonly path?: string
  readonly verdict: Runtime.CliVerdict
  readonly reason: string
}

/** The result of a discovery: at most one CLI per provider. */
export interface FoundClis {
  readonly found: ReadonlyArray<Cli>
  readonly skipped: ReadonlyArray<SkippedCli>
  /** Whether the discovery is complete; until then a CLI that is in neither list may still exist. */
  readonly complete: boolean
  /** Every CLI was asked once; slow ones are being asked again. */
  readonly askedOnce?: true
}

/** A CLI failed. `message`: one sentence for people, with the CLI's output if it had any. */
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
  /** One discovery, bounded in time: emits what is known each time a CLI answers; the last is complete. */
  readonly look: Stream.Stream<FoundClis>
  /** Returns the current `--version` output of the CLI. */
  readonly version: (cli: Cli) => Effect.Effect<string, CliFailed>
  readonly listModels: (cli: Cli) => Effect.Effect<ListedModels, CliFailed>
}>()("@muster/daemon/runtime/Clis") {}
