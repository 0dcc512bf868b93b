import { Console, Effect, FileSystem, Schedule } from "effect"
import { buildBundle } from "../load/Bundle.ts"
import { median, round } from "../load/median.ts"
import { startBuiltServer } from "../load/Muster.ts"
import { awaitTask, createTask, startBuiltMachine } from "./TaskMachine.ts"

const kib = 1024
const mib = 1024 * kib

/** What the agent writes: many chunks, a large line, 100 MiB of a tool's output in one call or in many, or many large lines. */
const cases = {
  /** 10,000 chunks of words, as fast as they are read. */
  chunks: "chunks 10000 0",
  /** One call of a tool, 2 MiB in one line. */
  one_line: `output 1 ${2 * mib} ${2 * mib}`,
  /** One call of a tool, in updates of 64 KiB. */
  one_call: `output 1 ${100 * mib} ${64 * kib}`,
  /** 100 calls, 1 MiB each, in updates of 64 KiB. */
  many_calls: `output 100 ${mib} ${64 * kib}`,
  /** 50 calls, 2 MiB each, in one line. */
  long_lines: `output 50 ${2 * mib} ${2 * mib}`
} as const

/** Tasks before the measurement, which a process of some age has had. */
const warmUp = 10

/** The resident memory of a process, in MiB. */
const residentOf = Effect.fnUntraced(function*(pid: number) {
  const status = yield* (yield* FileSystem.FileSystem).readFileString(`/proc/${pid}/status`)
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / kib
})

/** The least within 25 s: what a process has while it does nothing, and has collected its garbage. */
const atRest = (pid: number) =>
  Effect.map(Effect.replicateEffect(Effect.delay(residentOf(pid), "1 second"), 25), (all) => Math.min(...all))

/** Reads the memory of processes until the scope ends. Returns the largest so far. */
const watch = Effect.fnUntraced(function*(pids: ReadonlyArray<number>) {
  const peaks = pids.map(() => 0)
  const look = Effect.forEach(pids, (pid, i) =>
    Effect.map(residentOf(pid), (now) => {
      peaks[i] = Math.max(peaks[i]!, now)
    }))
  yield* Effect.forkScoped(Effect.repeat(look, Schedule.spaced("50 millis")))
  return peaks
})

/** Runs work. Returns the largest resident memory of each process meanwhile. */
const peakDuring = <E, R>(pids: ReadonlyArray<number>, work: Effect.Effect<unknown, E, R>) =>
  Effect.gen(function*() {
    const peaks = yield* watch(pids)
    yield* work
    return peaks
  }).pipe(Effect.scoped)

/** A fresh server and a fresh daemon before, during and after a task, and after the same once more. */
const measure = Effect.fnUntraced(function*(name: string, prompt: string) {
  const muster = yield* startBuiltServer()
  const machine = yield* startBuiltMachine(muster)
  const run = (words: string) =>
    Effect.flatMap(createTask(muster, machine.runtime, words), (id) => awaitTask(muster, id))
  const pids = [machine.pid, muster.pid]
  const rest = Effect.forEach(pids, atRest, { concurrency: "unbounded" })
  yield* Effect.replicateEffect(run("start"), warmUp)
  const before = yield* rest
  const peak = yield* peakDuring(pids, run(prompt))
  const after = yield* rest
  yield* run(prompt)
  const again = yield* rest
  const of = (i: number) => ({ before: before[i]!, peak: peak[i]!, after: after[i]!, again: again[i]! })
  const result = { daemon: of(0), server: of(1) }
  yield* Console.error(`${name}: ${JSON.stringify(result)}`)
  return result
}, Effect.scoped)

/** The medians of several runs, and how much more there was than before, in MiB. */
const summary = (runs: ReadonlyArray<Effect.Success<ReturnType<typeof measure>>>, side: "daemon" | "server") => {
  const of = (part: "before" | "peak" | "after" | "again") => median(runs.map((run) => run[side][part]))
  const more = (part: "peak" | "after" | "again") =>
    round(median(runs.map((run) => run[side][part] - run[side].before)), 1)
  return { before: round(of("before"), 1), peak: more("peak"), after: more("after"), again: more("again") }
}

const runs = 3

/**
 * The resident memory of daemon and server (embedded) of the built command line before a task with much output, in MiB, and how much more it is
 * at its peak, after the task, and after the same task once more.
 */
export const taskMemory = Effect.gen(function*() {
  yield* buildBundle
  const results: Record<string, unknown> = {}
  for (const [name, prompt] of Object.entries(cases)) {
    const all = yield* Effect.replicateEffect(measure(name, prompt), runs)
    results[name] = { daemon: summary(all, "daemon"), server: summary(all, "server") }
  }
  return { bench: "task-memory", runs, resident_mib: results }
})
