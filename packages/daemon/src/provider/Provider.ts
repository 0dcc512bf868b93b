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
  /** How long one call may take, where it runs alone; 15 s unless told. */
  readonly patience?: Duration.Input
}

/** A kind of agent CLI. To add one: a file that exports a `Provider`, and a line in `providers.ts`. */
export interface Provider {
  /** The name on the wire and in `MUSTER_<KEY>_PATH`: lower case letters. */
  readonly key: string
  /** The command that is looked for on PATH. */
  readonly command: string
  /** `N.N.N`; an older CLI, or one whose version cannot be read, is left out. */
  readonly minimumVersion?: string
  /**
   * Asks the CLI for its models; nothing of it runs afterwards. Fails rather than guesses: with `slow` where it gave no
   * answer in time, so that it is asked again.
   */
  readonly listModels: (cli: AgentCli) => Effect.Effect<ModelCatalog, ModelDiscoveryFailed>
}
