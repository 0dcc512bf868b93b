import type { Duration, Effect } from "effect"
import { join } from "node:path"
import type { Environment } from "../process/HostEnvironment.ts"
import type { ModelCatalog, ModelDiscoveryFailed } from "./ModelCatalog.ts"

/** An agent CLI on this machine. */
export interface AgentCli {
  /** Absolute path of the executable. */
  readonly path: string
  /** The daemon's environment; `childEnvironment` decides what the CLI inherits. */
  readonly host: Environment
  /** The time limit of one call that runs alone; default 15 s. */
  readonly timeout?: Duration.Input
}

/** The home of the daemon's user. */
export interface Home {
  /** Absolute. */
  readonly path: string
  /** Returns the folder that a variable names, or else one below the home. */
  readonly folder: (variable: string, ...below: ReadonlyArray<string>) => string
}

/** The folder of skills below a folder of the home. */
export const skillsBelow = (...parts: ReadonlyArray<string>) => ({ path }: Home): ReadonlyArray<string> => [
  join(path, ...parts, "skills")
]

/** How a provider's record was verified. */
export type Evidence =
  /** With a real CLI of this version; `said` is its response to the request for its models. */
  | { readonly _tag: "Seen"; readonly version: string; readonly said: string }
  /** By documentation: `source` describes its call. */
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
   * Asks the CLI for its models; none of its processes runs afterwards. Fails instead of guessing: with `slow` if it did not
   * answer in time, so that it is asked again.
   */
  readonly listModels: (cli: AgentCli) => Effect.Effect<ModelCatalog, ModelDiscoveryFailed>
  /**
   * The folders of skills for all of a person's projects, as the CLI's documentation names them; the first in which a skill is
   * counts. Absent: none but the one that all providers share. Source: `docs/protocol.md` 15.4, and the CLIs' own pages.
   */
  readonly skills?: (home: Home) => ReadonlyArray<string>
  /** The folder in which it keeps plugins as Claude Code does: the skills of those that are enabled count, too. */
  readonly plugins?: (home: Home) => string
}
