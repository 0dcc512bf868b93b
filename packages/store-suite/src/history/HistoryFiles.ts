import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Config, Effect, FileSystem, Option } from "effect"
import type { Entry } from "./Linearizable.ts"

/** A history of any kind of operation: its arguments are what is neither its name nor its answer. */
type AnyHistory = ReadonlyArray<Entry<{ readonly op: string; readonly answer?: unknown }>>

/** How many histories to record: MUSTER_HISTORY_COUNT, else as many as given. */
export const historyCountOr = (count: number): number =>
  Effect.runSync(Effect.orDie(Config.withDefault(Config.Int("MUSTER_HISTORY_COUNT"), count)))

/** How many histories each backend records where nothing disturbs it: 200 unless MUSTER_HISTORY_COUNT differs. */
export const historyCount: number = historyCountOr(200)

/** The seed of the histories: MUSTER_HISTORY_SEED, else a constant. The seed does not decide races. */
export const historySeed: string = Effect.runSync(
  Effect.orDie(Config.withDefault(Config.NonEmptyString("MUSTER_HISTORY_SEED"), "muster"))
)

/** An operation without an answer returned at `null`, without a result. */
const line = ({ called, op, returned }: AnyHistory[number]) => {
  const { answer, op: name, ...args } = op
  return JSON.stringify({
    op: name,
    args,
    called,
    returned,
    ...(Number.isFinite(returned) && { result: answer ?? null })
  })
}

/**
 * Histories as JSON lines (op, args, call and return times, result), one file each, for other checkers: in the folder
 * MUSTER_HISTORY_OUT. `npm run histories` sets these variables.
 */
export const writeHistories = Effect.fnUntraced(
  function*(name: string, histories: ReadonlyArray<AnyHistory>) {
    const folder = yield* Effect.orDie(Config.option(Config.NonEmptyString("MUSTER_HISTORY_OUT")))
    if (Option.isNone(folder)) return
    const fs = yield* FileSystem.FileSystem
    yield* fs.makeDirectory(folder.value, { recursive: true })
    const stem = `${folder.value}/${name.toLowerCase().replaceAll(" ", "-")}`
    for (const [i, history] of histories.entries()) {
      yield* fs.writeFileString(`${stem}-${i}.jsonl`, history.map((entry) => `${line(entry)}\n`).join(""))
    }
  },
  Effect.orDie,
  Effect.provide(NodeFileSystem.layer)
)
