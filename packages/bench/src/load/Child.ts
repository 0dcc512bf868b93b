import { Effect, Schema } from "effect"
import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { BenchFailure } from "./BenchFailure.ts"

/** A process of this bench, and the first message it sent. It ends with the scope. */
export const child = <A>(module: URL, args: ReadonlyArray<string>, message: Schema.Codec<A, unknown>) =>
  Effect.gen(function*() {
    const process: ChildProcess = yield* Effect.acquireRelease(
      Effect.sync(() => fork(fileURLToPath(module), [...args])),
      (process) =>
        Effect.callback<void>((resume) => {
          if (process.exitCode !== null || process.signalCode !== null) return resume(Effect.void)
          process.once("exit", () => resume(Effect.void))
          process.kill("SIGTERM")
        })
    )
    const first = yield* Effect.callback<unknown, BenchFailure>((resume) => {
      process.once("message", (value) => resume(Effect.succeed(value)))
      process.once(
        "exit",
        (code) => resume(Effect.fail(new BenchFailure({ message: `${module.pathname} ended with ${code}` })))
      )
    })
    return yield* Schema.decodeUnknownEffect(message)(first)
  })
