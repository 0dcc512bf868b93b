import { Effect, Schema } from "effect"
import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { BenchFailure } from "./BenchFailure.ts"

const Cpu = Schema.Struct({ micros: Schema.Finite })
const Memory = Schema.Struct({ rss: Schema.Finite, live: Schema.Finite })

/**
 * Starts a process of this bench, by default with this one's environment; it ends with the scope. Returns its first message,
 * its `pid`, `cpu`, the processor time that it has used, in µs, and `memory`, what it has after a collection, in bytes (the module
 * calls `reportCpu`). Processor time per request depends less on the machine's other load than the rate.
 */
export const child = <A extends object>(
  module: URL,
  args: ReadonlyArray<string>,
  message: Schema.Codec<A, unknown>,
  env?: Readonly<Record<string, string>>
) =>
  Effect.gen(function*() {
    const process: ChildProcess = yield* Effect.acquireRelease(
      Effect.sync(() => fork(fileURLToPath(module), [...args], env === undefined ? {} : { env })),
      (process) =>
        Effect.callback<void>((resume) => {
          if (process.exitCode !== null || process.signalCode !== null) return resume(Effect.void)
          process.once("exit", () => resume(Effect.void))
          process.kill("SIGTERM")
        })
    )
    const next = Effect.callback<unknown, BenchFailure>((resume) => {
      const onMessage = (value: unknown) => {
        process.off("exit", onExit)
        resume(Effect.succeed(value))
      }
      const onExit = (code: number | null) => {
        process.off("message", onMessage)
        resume(Effect.fail(new BenchFailure({ message: `${module.pathname} ended with ${code}` })))
      }
      process.once("message", onMessage)
      process.once("exit", onExit)
    })
    const ask = <A>(message: string, answer: Schema.Codec<A, unknown>) =>
      Effect.suspend(() => {
        process.send(message)
        return Effect.flatMap(next, Schema.decodeUnknownEffect(answer))
      })
    return {
      ...yield* Schema.decodeUnknownEffect(message)(yield* next),
      pid: process.pid!,
      cpu: Effect.map(ask("cpu", Cpu), ({ micros }) => micros),
      memory: ask("memory", Memory)
    }
  })
