import { Effect, FileSystem } from "effect"
import { execFile, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { BenchFailure } from "../load/BenchFailure.ts"
import { median, round } from "../load/median.ts"

const rounds = 5

const main = fileURLToPath(new URL("../../../cli/dist/main.js", import.meta.url))
const builder = fileURLToPath(new URL("../../../../scripts/build.mjs", import.meta.url))

type Environment = Readonly<Record<string, string | undefined>>

/** The seconds from the start of a program to its end. */
const timeOf = (program: string, args: ReadonlyArray<string>, env: Environment) =>
  Effect.callback<number, BenchFailure>((resume) => {
    const started = performance.now()
    const child = execFile(program, args, { env }, (error, _, stderr) =>
      resume(
        error === null
          ? Effect.succeed((performance.now() - started) / 1_000)
          : Effect.fail(new BenchFailure({ message: `${program} ${args.join(" ")}: ${error.message}\n${stderr}` }))
      ))
    return Effect.sync(() => child.kill())
  })

/** Starts `muster dev`, which ends with the scope. */
const startDev = (env: Environment) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, [main, "dev", "--port", "0"], { env, stdio: ["ignore", "pipe", "inherit"] })
    ),
    (child) =>
      Effect.callback<void>((resume) => {
        if (child.exitCode !== null) return resume(Effect.void)
        child.once("exit", () => resume(Effect.void))
        child.kill("SIGTERM")
      })
  )

/** Runs `muster dev` until the scope ends. Returns the seconds from its start until it printed that the server is up. */
const dev = Effect.fnUntraced(function*(env: Environment) {
  const started = performance.now()
  const child = yield* startDev(env)
  return yield* Effect.callback<number, BenchFailure>((resume) => {
    let printed = ""
    child.stdout.on("data", (chunk) => {
      printed += chunk
      if (printed.includes("Muster is up")) resume(Effect.succeed((performance.now() - started) / 1_000))
    })
    child.once("exit", (code) => resume(Effect.fail(new BenchFailure({ message: `muster dev ended with ${code}` }))))
  })
})

/** Times of each program, in seconds: the median of the rounds, and the least, which other load disturbs less. */
const figures = (times: ReadonlyArray<number>) => ({
  median: round(median(times), 3),
  least: round(Math.min(...times), 3)
})

/**
 * The start of the built command line, as it is published, in a home of its own: `muster --version`; `muster runtimes --json`
 * at a server on this machine; `muster dev` until the server is up, with an empty data folder and with the one that it left.
 * Peers in each round: `node -e 0` and `npm --version`.
 */
export const startup = Effect.gen(function*() {
  yield* timeOf(process.execPath, [builder], process.env)
  const fs = yield* FileSystem.FileSystem
  const homeOf = Effect.map(
    fs.makeTempDirectoryScoped({ prefix: "muster-bench-" }),
    (HOME) => ({ HOME, PATH: process.env["PATH"], SHELL: "/bin/false", MUSTER_LOCAL_PORT: "0" })
  )
  const env = yield* homeOf
  const asking = yield* homeOf
  yield* dev(asking)
  const again = Effect.scoped(dev(env))
  const programs = {
    node: timeOf(process.execPath, ["-e", "0"], env),
    npm: timeOf("npm", ["--version"], env),
    version: timeOf(process.execPath, [main, "--version"], asking),
    runtimes: timeOf(process.execPath, [main, "runtimes", "--json"], asking),
    dev_first: Effect.andThen(fs.remove(`${env.HOME}/.muster`, { recursive: true, force: true }), again),
    dev: again
  }
  // Compiles what is kept in the cache.
  yield* Effect.forEach(Object.values(programs), (program) => program, { discard: true })
  const times: Record<string, Array<number>> = {}
  for (let at = 0; at < rounds; at++) {
    for (const [name, program] of Object.entries(programs)) (times[name] ??= []).push(yield* program)
  }
  return {
    bench: "startup",
    rounds,
    seconds: Object.fromEntries(Object.entries(times).map(([name, each]) => [name, figures(each)])),
    goals: { version: 0.15, runtimes: 0.35, dev: 1.5 }
  }
}).pipe(Effect.scoped)
