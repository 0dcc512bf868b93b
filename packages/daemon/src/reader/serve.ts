import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeStream from "@effect/platform-node/NodeStream"
import { Effect, Schedule, Schema, Stream } from "effect"
import { FileSystem } from "effect/FileSystem"
import { Ask, type Looking, type Said } from "./Protocol.ts"
import { OpenCalls, watchedFiles } from "./WatchedFiles.ts"

/** A job of a reader. */
interface Job {
  /** The folders that can hang independently. */
  readonly places: ReadonlyArray<string>
  readonly work: (fs: FileSystem) => Effect.Effect<unknown, { readonly message: string }>
}

/** The jobs of readers, by name; each is created from a question's input. */
export type Jobs = ReadonlyMap<string, (input: unknown) => Effect.Effect<Job, { readonly message: string }>>

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(Ask))

const say = (said: Said) => Effect.sync(() => void process.stdout.write(`${JSON.stringify(said)}\n`))

/** A normal exit would wait for threads with blocked calls. */
const end = Effect.sync(() => process.kill(process.pid, "SIGKILL"))

const lookingAt = (calls: OpenCalls, places: ReadonlyArray<string>): Looking | null => {
  const { oldest } = calls
  if (oldest === undefined) return null
  const place = places.find((one) => oldest.path === one || oldest.path.startsWith(`${one}/`))
  return { ...oldest, place: place ?? oldest.path }
}

/** Answers the questions on stdin, one after the other, and ends with it. */
export const serve = (jobs: Jobs): Effect.Effect<void> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem

    const answer = Effect.fnUntraced(function*(line: string) {
      const { input, job: name, shut } = yield* decode(line)
      const make = jobs.get(name)
      if (make === undefined) return yield* say({ problem: `the process that reads files cannot do ${name}` })
      const { places, work } = yield* make(input)
      const calls = new OpenCalls()
      const tick = Effect.suspend(() => say({ looking: lookingAt(calls, places) }))
      const said = yield* Effect.raceFirst(
        Effect.match(work(watchedFiles(fs, calls, shut)), {
          onSuccess: (result): Said => ({ result }),
          onFailure: ({ message }): Said => ({ problem: message })
        }),
        Effect.andThen(Effect.schedule(tick, Schedule.spaced("1 second")), Effect.never)
      )
      yield* say(said)
    })

    const asks = NodeStream.fromReadable({ evaluate: () => process.stdin }).pipe(
      Stream.decodeText(),
      Stream.splitLines,
      Stream.ensuring(end),
      Stream.buffer({ capacity: 16 })
    )
    yield* Stream.runForEach(asks, answer)
  }).pipe(
    Effect.orDie,
    Effect.tapCause((c) => Effect.sync(() => process.stderr.write(String(c) + "\n"))),
    Effect.ensuring(end),
    Effect.provide(NodeFileSystem.layer)
  )
