import { Clock, Context, Data, Duration, Effect, Queue, Schema, type Scope } from "effect"
import { LineSplitter, TailBytes } from "../process/Bytes.ts"
import { childEnvironment, HostEnvironment } from "../process/HostEnvironment.ts"
import { type ProcessTree, spawnTree } from "../process/ProcessTree.ts"
import { sanitizeOutput } from "../process/sanitizeOutput.ts"
import type { SpawnFailed } from "../process/Starter.ts"
import { readerFile } from "../ReaderFile.ts"
import { type Ask, type Looking, maxAnswer, Said } from "./Protocol.ts"

/** The bounds of readers; tests have smaller ones. */
export const ReaderBounds = Context.Reference("@muster/daemon/reader/ReaderBounds", {
  defaultValue: () => ({
    /** How long a file system may take for one call. */
    call: Duration.seconds(10),
    /** How long a reader may be silent, including its start. */
    silence: Duration.seconds(30),
    /** The maximum number of working readers. */
    working: 8,
    /** The maximum number of readers: those that work, and those that the kernel cannot end. */
    living: 24
  })
})

/** A file system did not answer one call within its time. */
export class ReaderHung extends Data.TaggedError("ReaderHung")<Looking & { readonly tree: ProcessTree }> {}

/** There is no answer for another reason: the reader ended or is stopped. `message`: one sentence. */
export class ReaderLost extends Data.TaggedError("ReaderLost")<{ readonly message: string }> {}

/** The answer to a job: its result, or one sentence for people with the reason why there is none. */
export type Answer = Exclude<Said, { readonly looking: unknown }>

/** A process that reads files for the daemon. It cannot be used after an error or an interruption. */
export interface Reader {
  readonly tree: ProcessTree
  /** One question at a time. */
  readonly ask: (ask: Ask) => Effect.Effect<Answer, ReaderHung | ReaderLost>
}

/** Starts the process of a reader, which ends with the scope. The default runs `ReaderMain.ts` with this Node. */
export const StartReader = Context.Reference<Effect.Effect<ProcessTree, SpawnFailed, Scope.Scope>>(
  "@muster/daemon/reader/StartReader",
  {
    defaultValue: () =>
      Effect.flatMap(
        HostEnvironment,
        (host) =>
          spawnTree(process.execPath, [readerFile], {
            env: childEnvironment(host, process.execPath),
            // Not the daemon's working directory, which may be on the disk that hangs.
            cwd: "/"
          })
      )
  }
)

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(Said))

/** The stdout of a process: lines, or the reason why there are no more. */
type Heard = { readonly line: string } | { readonly lost: string }

const listen = (tree: ProcessTree, heard: Queue.Queue<Heard>) => {
  const stderr = new TailBytes(4_096)
  let lines = new LineSplitter(maxAnswer)
  const tell = (one: Heard) => Queue.offerUnsafe(heard, one)
  tree.stderr.on("data", (chunk: Buffer) => stderr.push(chunk))
  tree.stdout.on("data", (chunk: Buffer) => {
    const whole = lines.push(chunk)
    if (whole !== undefined) return whole.forEach((line) => tell({ line }))
    tree.stdout.pause()
    tell({ lost: `wrote more than ${maxAnswer} bytes` })
  })
  tree.stdout.once("close", () => {
    const words = sanitizeOutput(stderr.text())
    tell({ lost: `ended${words === "" ? "" : `: ${words}`}` })
  })
  return { begin: () => lines = new LineSplitter(maxAnswer) }
}

/** Starts a reader for the scope. */
export const startReader: Effect.Effect<Reader, SpawnFailed, Scope.Scope> = Effect.gen(function*() {
  const tree = yield* yield* StartReader
  const heard = yield* Queue.unbounded<Heard>()
  const output = listen(tree, heard)
  const bounds = yield* ReaderBounds

  const next = Queue.take(heard).pipe(
    Effect.timeoutOrElse({
      duration: bounds.silence,
      orElse: () => Effect.succeed<Heard>({ lost: `did not answer within ${Duration.toSeconds(bounds.silence)} s` })
    }),
    Effect.flatMap((one) => "line" in one ? decode(one.line) : Effect.fail({ message: one.lost })),
    Effect.mapError(({ message }) => new ReaderLost({ message: `the process that reads files ${message}` }))
  )

  const ask = Effect.fnUntraced(function*(ask: Ask) {
    output.begin()
    tree.stdin.write(`${JSON.stringify(ask)}\n`)
    let waits: { readonly number: number; readonly since: number } | undefined
    while (true) {
      const said = yield* next
      if (!("looking" in said)) return said
      const now = yield* Clock.currentTimeMillis
      const { looking } = said
      if (looking === null) waits = undefined
      else if (waits?.number !== looking.number) waits = { number: looking.number, since: now }
      else if (now - waits.since >= Duration.toMillis(bounds.call)) return yield* new ReaderHung({ ...looking, tree })
    }
  })
  return { tree, ask }
})
