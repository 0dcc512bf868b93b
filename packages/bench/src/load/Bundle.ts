import { Effect, FileSystem } from "effect"
import { execFile, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { BenchFailure } from "./BenchFailure.ts"

/** The built command line, as it is published. `buildBundle` makes it. */
export const bundle: string = fileURLToPath(new URL("../../../cli/dist/main.js", import.meta.url))

const builder = fileURLToPath(new URL("../../../../scripts/build.mjs", import.meta.url))

/** Runs `npm run build`. */
export const buildBundle = Effect.callback<void, BenchFailure>((resume) => {
  const child = execFile(
    process.execPath,
    [builder],
    (error, _, stderr) =>
      resume(
        error === null
          ? Effect.void
          : Effect.fail(new BenchFailure({ message: `the build failed: ${error.message}\n${stderr}` }))
      )
  )
  return Effect.sync(() => child.kill())
})

/** The environment of a program with a home of its own, which is removed with the scope. */
export const ownHome = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const HOME = yield* fs.makeTempDirectoryScoped({ prefix: "muster-bench-" })
  return { HOME, PATH: process.env["PATH"], SHELL: "/bin/false", MUSTER_LOCAL_PORT: "0" }
})

/**
 * Starts this Node with arguments, and ends it with the scope. Returns its process id as soon as its output contains `ready`,
 * and the output so far.
 */
export const startNode = Effect.fnUntraced(function*(
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string | undefined>>,
  ready: string
) {
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] })),
    (child) =>
      Effect.callback<void>((resume) => {
        if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
        child.once("exit", () => resume(Effect.void))
        child.kill("SIGTERM")
      })
  )
  const printed = yield* Effect.callback<string, BenchFailure>((resume) => {
    let printed = ""
    child.stdout.on("data", (chunk) => {
      printed += chunk
      if (printed.includes(ready)) resume(Effect.succeed(printed))
    })
    child.once("exit", (code) => resume(Effect.fail(new BenchFailure({ message: `${args.at(1)} ended with ${code}` }))))
  })
  return { pid: child.pid!, printed }
})
