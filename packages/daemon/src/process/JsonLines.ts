import { Deferred, Effect, Exit, type Scope } from "effect"
import { LineSplitter } from "./Bytes.ts"
import type { StdioSession, StdioSessionFailed } from "./StdioSession.ts"

export interface JsonLines {
  /** Writes one message. If the CLI ends before it reads the message, `lost` fails. */
  readonly send: (message: unknown) => void
  /** Fails when no more messages can arrive: the CLI ended, or wrote incomplete JSON or too much. Never succeeds. */
  readonly lost: Effect.Effect<never, StdioSessionFailed>
}

type Trouble = "ended" | "flood" | "unreadable"

/** A line that is not an object is a banner or an update notice that a CLI prints when it starts. */
const parse = (line: string): { readonly message: unknown } | "noise" | "unreadable" => {
  if (!line.trimStart().startsWith("{")) return "noise"
  try {
    return { message: JSON.parse(line) }
  } catch {
    return "unreadable"
  }
}

/** Exchanges JSON objects, one per line, with the CLI. `receive` is called for each object and may reply. */
export const jsonLines = (
  stdio: StdioSession,
  receive: (message: unknown, answer: (message: unknown) => void) => void
): Effect.Effect<JsonLines, never, Scope.Scope> =>
  Effect.gen(function*() {
    const { failed, hungUp, maxBytes, tree } = stdio
    const trouble = yield* Deferred.make<Trouble>()
    const lost = yield* Deferred.make<never, StdioSessionFailed>()
    const splitter = new LineSplitter(maxBytes)
    const stop = (why: Trouble) => {
      tree.stdout.pause()
      Deferred.doneUnsafe(trouble, Exit.succeed(why))
    }
    const write = (message: unknown) => void tree.stdin.write(`${JSON.stringify(message)}\n`)
    tree.stdout.on("data", (chunk: Buffer) => {
      const lines = splitter.push(chunk)
      if (lines === undefined) return stop("flood")
      for (const line of lines) {
        const parsed = parse(line)
        if (parsed === "unreadable") return stop("unreadable")
        if (parsed !== "noise") receive(parsed.message, write)
      }
    })
    tree.stdout.once("end", () => stop(parse(splitter.unfinished) === "unreadable" ? "unreadable" : "ended"))
    tree.stdout.once("close", () => stop("ended"))

    const why = (what: Trouble) => {
      if (what === "flood") return Effect.succeed(failed("flood", `wrote more than ${maxBytes} bytes and was stopped`))
      return what === "ended"
        ? hungUp
        : Effect.succeed(failed("unreadable", "broke off in the middle of a JSON message"))
    }
    yield* Deferred.await(trouble).pipe(
      Effect.flatMap(why),
      Effect.flatMap((error) => Deferred.fail(lost, error)),
      Effect.forkScoped
    )
    return {
      send: write,
      lost: Deferred.await(lost)
    }
  })
