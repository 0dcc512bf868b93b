import { Effect, FileSystem } from "effect"
import { execFile, spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { BenchFailure } from "../load/BenchFailure.ts"
import { buildBundle, bundle, ownHome } from "../load/Bundle.ts"
import { median, round } from "../load/median.ts"

const rounds = 5

type Environment = Readonly<Record<string, string | undefined>>

/** In seconds: from the start of a program to its end, or until it is ready, and the processor time that it used meanwhile. */
interface Took {
  readonly wall: number
  readonly cpu: number
}

/** The processor time of the children, in seconds, in what the shell's `times` prints last. */
const childrenTime = (printed: string) => {
  const found = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/.exec(printed)?.slice(1).map(Number) ?? []
  const [userMinutes = 0, userSeconds = Number.NaN, systemMinutes = 0, systemSeconds = 0] = found
  return 60 * (userMinutes + systemMinutes) + userSeconds + systemSeconds
}

/** Runs a program to its end. The shell adds a millisecond, and measures the processor time. */
const timeOf = (program: string, args: ReadonlyArray<string>, env: Environment) =>
  Effect.callback<Took, BenchFailure>((resume) => {
    const started = performance.now()
    const script = "\"$@\" > /dev/null && times"
    const child = execFile(
      "/bin/sh",
      ["-c", script, "sh", program, ...args],
      { env },
      (error, stdout, stderr) =>
        resume(
          error === null
            ? Effect.succeed({ wall: (performance.now() - started) / 1_000, cpu: childrenTime(stdout) })
            : Effect.fail(new BenchFailure({ message: `${program} ${args.join(" ")}: ${error.message}\n${stderr}` }))
        )
    )
    return Effect.sync(() => child.kill())
  })

/** The processor time that a running process has used, in seconds. Linux counts it in hundredths. */
const cpuOf = (pid: number | undefined) => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ")
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Starts `muster dev`, which ends with the scope. */
const startDev = (env: Environment) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, [bundle, "dev", "--port", "0"], { env, stdio: ["ignore", "pipe", "inherit"] })
    ),
    (child) =>
      Effect.callback<void>((resume) => {
        if (child.exitCode !== null) return resume(Effect.void)
        child.once("exit", () => resume(Effect.void))
        child.kill("SIGTERM")
      })
  )

/** Runs `muster dev` until the scope ends. Returns what it took until it printed that the server is up. */
const dev = Effect.fnUntraced(function*(env: Environment) {
  const started = performance.now()
  const child = yield* startDev(env)
  return yield* Effect.callback<Took, BenchFailure>((resume) => {
    let printed = ""
    child.stdout.on("data", (chunk) => {
      printed += chunk
      if (!printed.includes("Muster is up")) return
      resume(Effect.succeed({ wall: (performance.now() - started) / 1_000, cpu: cpuOf(child.pid) }))
    })
    child.once("exit", (code) => resume(Effect.fail(new BenchFailure({ message: `muster dev ended with ${code}` }))))
  })
})

/** In seconds: the median of the rounds, the least, and the median of the processor time, which other load disturbs less. */
const figures = (times: ReadonlyArray<Took>) => {
  const walls = times.map(({ wall }) => wall)
  return {
    median: round(median(walls), 3),
    least: round(Math.min(...walls), 3),
    cpu: round(median(times.map(({ cpu }) => cpu)), 3)
  }
}

/**
 * The start of the built command line, as it is published, in a home of its own: `muster --version`; `muster runtimes --json`
 * at a server on this machine; `muster dev` until the server is up, with an empty data folder and with the one that it left.
 * Peers in each round: `node -e 0` and `npm --version`. Linux only.
 */
export const startup = Effect.gen(function*() {
  yield* buildBundle
  const fs = yield* FileSystem.FileSystem
  const env = yield* ownHome
  const asking = yield* ownHome
  yield* dev(asking)
  const again = Effect.scoped(dev(env))
  const programs = {
    node: timeOf(process.execPath, ["-e", "0"], env),
    npm: timeOf("npm", ["--version"], env),
    version: timeOf(process.execPath, [bundle, "--version"], asking),
    runtimes: timeOf(process.execPath, [bundle, "runtimes", "--json"], asking),
    dev_first: Effect.andThen(fs.remove(`${env.HOME}/.muster`, { recursive: true, force: true }), again),
    dev: again
  }
  // Compiles what is kept in the cache.
  yield* Effect.forEach(Object.values(programs), (program) => program, { discard: true })
  const times: Record<string, Array<Took>> = {}
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
