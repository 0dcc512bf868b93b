import { onMachineClock } from "@muster/kit"
import { Data, type Duration, Effect, Option, type Scope } from "effect"
import { TailBytes } from "./Bytes.ts"
import { type ProcessTree, type SpawnOptions, spawnTree } from "./ProcessTree.ts"
import { describeEnding, seconds } from "./Run.ts"
import { sanitizeOutput } from "./sanitizeOutput.ts"
import { startFailure } from "./Starter.ts"

/**
 * Why a session with a CLI over its stdio failed:
 * - `spawn`: it never ran
 * - `closed`: it ended, or closed its stdout, before it answered
 * - `refused`: it answered with an error
 * - `unreadable`: it answered something that is not an answer (half a JSON, another shape)
 * - `flood`: it wrote more than it may
 * - `silent`: no answer in time
 */
export class StdioSessionFailed extends Data.TaggedError("StdioSessionFailed")<{
  readonly reason: "spawn" | "closed" | "refused" | "unreadable" | "flood" | "silent"
  /** One sentence for people, with the CLI's output if it had any. */
  readonly message: string
}> {}

export interface StdioSessionOptions extends SpawnOptions {
  /** The call as people write it: "codex app-server". */
  readonly name: string
  /** The timeout of the whole session. */
  readonly timeout: Duration.Input
  /** The limit of the CLI's stdout, in bytes; default 16 MiB. */
  readonly maxBytes?: number
}

/** A running CLI that is used over stdin and stdout. */
export interface StdioSession {
  readonly name: string
  readonly maxBytes: number
  readonly tree: ProcessTree
  /** Returns an error with `sentence` and what the CLI wrote to stderr so far. */
  readonly failed: (reason: StdioSessionFailed["reason"], sentence: string) => StdioSessionFailed
  /** Returns why its stdout ended; waits at most 1 s for its exit. */
  readonly hungUp: Effect.Effect<StdioSessionFailed>
}

const open = (
  command: string,
  args: ReadonlyArray<string>,
  options: StdioSessionOptions
): Effect.Effect<StdioSession, StdioSessionFailed, Scope.Scope> =>
  spawnTree(command, args, options).pipe(
    Effect.mapError((error) => new StdioSessionFailed({ reason: "spawn", message: error.message })),
    Effect.map((tree) => {
      const stderr = new TailBytes(4096)
      tree.stderr.on("data", (chunk: Buffer) => stderr.push(chunk))
      const failed: StdioSession["failed"] = (reason, sentence) => {
        const words = sanitizeOutput(stderr.text())
        return new StdioSessionFailed({
          reason,
          message: `${options.name} ${sentence}${words === "" ? "" : `: ${words}`}`
        })
      }
      // The error of the shell that starts it may arrive after its end.
      const told = Effect.tap(tree.exited, ({ exitCode }) =>
        exitCode === 126 || exitCode === 127 ? Effect.timeoutOption(tree.closed, "500 millis") : Effect.void)
      const hungUp = onMachineClock(Effect.timeoutOption(told, "1 second")).pipe(
        Effect.map(Option.match({
          onNone: () =>
            failed("closed", "closed its output before it answered"),
          onSome: (ending) => {
            const notStarted = startFailure(command, ending, stderr.text())
            return notStarted === undefined
              ? failed("closed", `ended with ${describeEnding(ending)} before it answered`)
              : new StdioSessionFailed({ reason: "spawn", message: notStarted.message })
          }
        }))
      )
      return { name: options.name, maxBytes: options.maxBytes ?? 16 * 1024 * 1024, tree, failed, hungUp }
    })
  )

/**
 * Starts a CLI, runs `talk` with it and ends its whole process tree, within `timeout` (and at most 0.7 s for the tree's end),
 * however `talk` ends.
 */
export const withStdioSession = <A>(
  command: string,
  args: ReadonlyArray<string>,
  options: StdioSessionOptions,
  talk: (stdio: StdioSession) => Effect.Effect<A, StdioSessionFailed, Scope.Scope>
): Effect.Effect<A, StdioSessionFailed> =>
  open(command, args, options).pipe(
    Effect.flatMap((stdio) =>
      talk(stdio).pipe(
        Effect.timeoutOrElse({
          duration: options.timeout,
          orElse: () =>
            Effect.suspend(() =>
              Effect.fail(stdio.failed("silent", `gave no answer within ${seconds(options.timeout)}`))
            )
        })
      )
    ),
    Effect.scoped
  )
