import { bytesPassed, collectOldGarbage, onMachineClock } from "@muster/kit"
import { Deferred, Effect, type Scope, Stream } from "effect"
import { TailBytes } from "../process/Bytes.ts"
import { type Ending, type ProcessTree, spawnTree } from "../process/ProcessTree.ts"
import { describeEnding } from "../process/Run.ts"
import { sanitizeOutput } from "../process/sanitizeOutput.ts"
import { startFailure } from "../process/Starter.ts"
import { AgentFailed, type AgentStart } from "./AgentDriver.ts"
import { MessageLines } from "./MessageLines.ts"

/** How many bytes of the end of stderr are kept. */
const stderrKept = 2_048

/** How long the exit of an agent whose output ended is awaited: its words about the reason may follow. */
const exitWithin = "2 seconds"

/** An agent that runs, which is used by JSON messages, one per line, on its stdin and stdout. */
export interface AgentProcess {
  readonly pid: number
  readonly send: (message: unknown) => Effect.Effect<void>
  readonly endInput: Effect.Effect<void>
  readonly exited: Effect.Effect<Ending>
  /** Fails when no more messages can come. Never succeeds. */
  readonly ended: Effect.Effect<never, AgentFailed>
}

export interface AgentProcessOptions {
  /** The call as people write it: "codex app-server". */
  readonly name: string
  readonly args: ReadonlyArray<string>
  /** Called for each message, in order. The agent's output is not read on until it returns: a slow log slows the agent. */
  readonly onMessage: (message: Readonly<Record<string, unknown>>) => Effect.Effect<void>
  /** Something of the output was not understood, and the rest goes on. */
  readonly onNotice: (text: string) => Effect.Effect<void>
}

const diedOf = (name: string, command: string, ending: Ending | undefined, stderr: TailBytes): AgentFailed => {
  const words = sanitizeOutput(stderr.text())
  const missing = ending === undefined ? undefined : startFailure(command, ending, stderr.text())
  if (missing !== undefined) return new AgentFailed({ reason: "missing", message: missing.message })
  const how = ending === undefined ? "closed its output" : `ended with ${describeEnding(ending)}`
  return new AgentFailed({ reason: "died", message: `${name} ${how}${words === "" ? "" : `: ${words}`}` })
}

/** After this many bytes of output, what outlived collections of young garbage is collected, too: ends of outputs, bodies of calls. */
const oldGarbageAfter = 24 * 1024 * 1024

/** Returns what is told the size of each part of an output that was handled. */
const collecting = () => {
  let sinceOld = 0
  return (bytes: number): void => {
    bytesPassed(bytes)
    sinceOld += bytes
    if (sinceOld < oldGarbageAfter) return
    sinceOld = 0
    collectOldGarbage()
  }
}

const read = (tree: ProcessTree, { onMessage, onNotice }: AgentProcessOptions) => {
  const lines = new MessageLines()
  const handled = collecting()
  return Stream.fromAsyncIterable(tree.stdout as AsyncIterable<Buffer>, (cause) => cause).pipe(
    Stream.runForEach((chunk) =>
      Effect.forEach(
        lines.push(chunk),
        (line) => line._tag === "Message" ? onMessage(line.message) : onNotice(line.text),
        { discard: true }
      ).pipe(Effect.andThen(Effect.sync(() => handled(chunk.length))))
    ),
    Effect.ignore
  )
}

/** Starts an agent for the scope, at whose end its whole process tree ends. */
export const startAgentProcess = Effect.fnUntraced(function*(
  { cli, cwd, env }: AgentStart,
  options: AgentProcessOptions
): Effect.fn.Return<AgentProcess, AgentFailed, Scope.Scope> {
  const tree = yield* spawnTree(cli.path, options.args, { env, cwd }).pipe(
    Effect.mapError(({ message }) => new AgentFailed({ reason: "missing", message }))
  )
  const stderr = new TailBytes(stderrKept)
  tree.stderr.on("data", (chunk: Buffer) => stderr.push(chunk))
  const over = yield* Deferred.make<never, AgentFailed>()
  const end = Effect.timeoutOption(tree.exited, exitWithin).pipe(
    onMachineClock,
    Effect.flatMap((ending) =>
      Deferred.fail(over, diedOf(options.name, cli.path, ending._tag === "Some" ? ending.value : undefined, stderr))
    )
  )
  yield* Effect.forkScoped(Effect.andThen(read(tree, options), end))
  return {
    pid: tree.pid,
    send: (message) => Effect.sync(() => void tree.stdin.write(`${JSON.stringify(message)}\n`)),
    endInput: Effect.sync(() => void tree.stdin.end()),
    exited: tree.exited,
    ended: Deferred.await(over)
  }
})
