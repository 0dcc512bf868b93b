import type { Duration, Effect } from "effect"
import type { Environment } from "../process/HostEnvironment.ts"
import type { ModelCatalog } from "./ModelCatalog.ts"
import type { ModelDiscoveryFailed } from "./ModelDiscoveryFailed.ts"

/** An agent CLI on this machine. */
export interface AgentCli {
  /** Absolute path of the executable. */
  readonly path: string
  /** The daemon's environment; what the CLI inherits of it is `childEnvironment`'s to decide. */
  readonly host: Environment
  /** The time limit of one call that runs alone; default 15 s. */
  readonly timeout?: Duration.Input
}

/** What an entry of the table of providers rests on. */
export type Evidence =
  /** A real CLI of this version was run; `said` is what it answered when it was asked for its models. */
  | { readonly _tag: "Seen"; readonly version: string; readonly said: string }
  /** Not run here; `source` documents its call. */
  | { readonly _tag: "Documented"; readonly source: string }

export const seen = (version: string, said: string): Evidence => ({ _tag: "Seen", version, said })
export const documented = (source: string): Evidence => ({ _tag: "Documented", source })

/** A kind of agent CLI. To add one: a file that exports a `Provider`, and a line in `providers.ts`. */
export interface Provider {
  /** The name on the wire and in `MUSTER_<KEY>_PATH`: lower case letters. */
  readonly key: string
  /** The command that is looked for on PATH. */
  readonly command: string
  /** `N.N.N`; an older CLI, or one whose version cannot be read, is left out. */
  readonly minimumVersion?: string
  /** What `--version` of this CLI prints; another program of the same name prints something else and is left out. */
  readonly prints?: RegExp
  readonly evidence: Evidence
  /**
   * Asks the CLI for its models; nothing of it runs afterwards. Fails rather than guesses: with `slow` where it gave no
   * answer in time, so that it is asked again.
   */
  readonly listModels: (cli: AgentCli) => Effect.Effect<ModelCatalog, ModelDiscoveryFailed>
}
