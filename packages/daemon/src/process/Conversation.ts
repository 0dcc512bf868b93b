import { type Duration, Effect, Option, type Scope } from "effect"
import { describeEnding, seconds } from "./Complaint.ts"
import { ConversationFailed } from "./ConversationFailed.ts"
import { type ProcessTree, type SpawnOptions, spawnTree } from "./ProcessTree.ts"
import { inRealTime } from "./RealTime.ts"
import { startFailure } from "./Starter.ts"
import { TailBytes } from "./TailBytes.ts"
import { ownWords } from "./Words.ts"

export interface ConversationOptions extends SpawnOptions {
  /** How a person calls this call: "codex app-server". */
  readonly name: string
  /** How long the whole talk may take. */
  readonly timeout: Duration.Input
  /** The bound on all that the CLI writes to stdout. 16 MiB unless told. */
  readonly maxBytes?: number
}

/** A CLI that is spoken with over stdin and stdout while it runs. */
export interface Conversation {
  readonly name: string
  readonly maxBytes: number
  readonly tree: ProcessTree
  /** `sentence` and what the CLI said on stderr so far, as an error. */
  readonly failed: (reason: ConversationFailed["reason"], sentence: string) => ConversationFailed
  /** Why its stdout ended, told by its exit; waits for that at most 1 s. */
  readonly hungUp: Effect.Effect<ConversationFailed>
}

const open = (
  command: string,
  args: ReadonlyArray<string>,
  options: ConversationOptions
): Effect.Effect<Conversation, ConversationFailed, Scope.Scope> =>
  spawnTree(command, args, options).pipe(
    Effect.mapError((error) => new ConversationFailed({ reason: "spawn", message: error.message })),
    Effect.map((tree) => {
      const stderr = new TailBytes(4096)
      tree.stderr.on("data", (chunk: Buffer) => stderr.push(chunk))
      const failed: Conversation["failed"] = (reason, sentence) => {
        const words = ownWords(stderr.text())
        return new ConversationFailed({
          reason,
          message: `${options.name} ${sentence}${words === "" ? "" : `: ${words}`}`
        })
      }
      // What the shell that starts it complains of may come after its end.
      const told = Effect.tap(tree.exited, ({ exitCode }) =>
        exitCode === 126 || exitCode === 127 ? Effect.timeoutOption(tree.closed, "500 millis") : Effect.void)
      const hungUp = inRealTime(Effect.timeoutOption(told, "1 second")).pipe(
        Effect.map(Option.match({
          onNone: () =>
            failed("closed", "closed its output before it answered"),
          onSome: (ending) => {
            const notStarted = startFailure(command, ending, stderr.text())
            return notStarted === undefined
              ? failed("closed", `ended with ${describeEnding(ending)} before it answered`)
              : new ConversationFailed({ reason: "spawn", message: notStarted.message })
          }
        }))
      )
      return { name: options.name, maxBytes: options.maxBytes ?? 16 * 1024 * 1024, tree, failed, hungUp }
    })
  )

/**
 * Starts a CLI, lets `talk` speak with it and ends its whole process tree, in `timeout` (and at most 0.7 s for the
 * tree's end), however `talk` ends.
 */
export const converse = <A>(
  command: string,
  args: ReadonlyArray<string>,
  options: ConversationOptions,
  talk: (conversation: Conversation) => Effect.Effect<A, ConversationFailed, Scope.Scope>
): Effect.Effect<A, ConversationFailed> =>
  open(command, args, options).pipe(
    Effect.flatMap((conversation) =>
      talk(conversation).pipe(
        Effect.timeoutOrElse({
          duration: options.timeout,
          orElse: () =>
            Effect.suspend(() =>
              Effect.fail(conversation.failed("silent", `gave no answer within ${seconds(options.timeout)}`))
            )
        })
      )
    ),
    Effect.scoped
  )
