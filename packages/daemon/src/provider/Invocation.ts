import { type Duration, Effect, type Scope } from "effect"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { childEnvironment } from "../process/HostEnvironment.ts"
import { type Outcome, run } from "../process/Run.ts"
import { type StdioSession, StdioSessionFailed, withStdioSession } from "../process/StdioSession.ts"
import { discoveryFailed, type ModelDiscoveryFailed } from "./ModelCatalog.ts"
import type { AgentCli } from "./Provider.ts"

/** A temporary folder for one call of a CLI, so that no project's settings affect the result. It is removed with the scope. */
const temporaryFolder: Effect.Effect<string, { readonly message: string }, Scope.Scope> = Effect.acquireRelease(
  Effect.tryPromise({
    try: () => mkdtemp(join(tmpdir(), "muster-")),
    catch: (cause) => ({ message: `cannot make a temporary folder: ${(cause as Error).message}` })
  }),
  (folder) => Effect.ignore(Effect.tryPromise(() => rm(folder, { recursive: true, force: true, maxRetries: 2 })))
)

/** One call of a CLI that lists its models. */
export interface Invocation {
  /** The provider's key. */
  readonly provider: string
  readonly cli: AgentCli
  readonly args: ReadonlyArray<string>
  /** Defaults to the CLI's timeout, or 15 s: a cold start takes 9 s on a slow machine. */
  readonly timeout?: Duration.Input
  /** Variables beyond those that every CLI inherits. */
  readonly env?: Readonly<Record<string, string>>
}

/** Returns the call as people write it: "opencode models". */
export const calledAs = ({ args, cli }: Invocation): string => [basename(cli.path), ...args].join(" ")

export const timeoutOf = ({ cli, timeout }: Invocation): Duration.Input => timeout ?? cli.timeout ?? "15 seconds"

const environment = ({ cli, env }: Invocation) => ({ ...childEnvironment(cli.host, cli.path), ...env })

/** Runs the CLI to its end in a temporary folder. */
export const runCli = (call: Invocation): Effect.Effect<Outcome, ModelDiscoveryFailed> =>
  temporaryFolder.pipe(
    Effect.flatMap((cwd) =>
      run(call.cli.path, call.args, {
        env: environment(call),
        cwd,
        timeout: timeoutOf(call),
        maxStdoutBytes: 4 * 1024 * 1024,
        // Some CLIs print the list itself on stderr.
        maxStderrBytes: 1024 * 1024
      })
    ),
    Effect.mapError(discoveryFailed(call.provider)),
    Effect.scoped
  )

/** Runs a session with the CLI over its stdio, in a temporary folder whose path `talk` gets. */
export const talkWithCli = <A>(
  call: Invocation,
  talk: (stdio: StdioSession, folder: string) => Effect.Effect<A, StdioSessionFailed, Scope.Scope>
): Effect.Effect<A, StdioSessionFailed> =>
  temporaryFolder.pipe(
    Effect.mapError(({ message }) => new StdioSessionFailed({ reason: "spawn", message })),
    Effect.flatMap((cwd) =>
      withStdioSession(
        call.cli.path,
        call.args,
        { env: environment(call), cwd, name: calledAs(call), timeout: timeoutOf(call) },
        (stdio) => talk(stdio, cwd)
      )
    ),
    Effect.scoped
  )
