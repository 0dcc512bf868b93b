import { Effect, Schema } from "effect"
import { fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { BenchFailure } from "../load/BenchFailure.ts"

const Started = Schema.Struct({ url: Schema.String, token: Schema.String, workspace: Schema.String })

const module = fileURLToPath(new URL("../load/server.ts", import.meta.url))

/** An embedded server in a process of its own, on this port; 0: on a free one. It is killed when the scope ends. */
export const startStormServer = Effect.fnUntraced(function*(folder: string, port: number) {
  const process = yield* Effect.acquireRelease(
    Effect.sync(() => fork(module, [folder], { env: { ...globalThis.process.env, BENCH_PORT: String(port) } })),
    (process) => Effect.sync(() => process.kill("SIGKILL"))
  )
  const ended = Effect.callback<void>((resume) => {
    if (process.exitCode !== null || process.signalCode !== null) return resume(Effect.void)
    process.once("exit", () => resume(Effect.void))
  })
  const first = yield* Effect.raceFirst(
    Effect.callback<unknown>((resume) => {
      process.once("message", (value) => resume(Effect.succeed(value)))
    }),
    Effect.andThen(ended, Effect.fail(new BenchFailure({ message: "the server did not start" })))
  )
  const started = yield* Schema.decodeUnknownEffect(Started)(first)
  const kill = Effect.andThen(Effect.sync(() => process.kill("SIGKILL")), ended)
  return { ...started, port: Number(new URL(started.url).port), pid: process.pid, kill }
})
