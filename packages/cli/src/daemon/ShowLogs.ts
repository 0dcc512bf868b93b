import { Console, Effect, FileSystem, Option } from "effect"
import { Failure } from "../failure/Failure.ts"
import { logPath, olderLog } from "../log/LogFile.ts"
import { jsonText } from "../output/Text.ts"
import { folder } from "../profile/Home.ts"

/** The interval between two reads of the log, and the maximum bytes per read. */
const pollInterval = "300 millis"
const maxRead = 8 * 1_024 * 1_024

const readAll = Effect.fnUntraced(function*(path: string) {
  const files = yield* FileSystem.FileSystem
  return yield* Effect.option(files.readFileString(path))
})

const linesOf = (text: string) => text === "" ? [] : text.replace(/\n$/, "").split("\n")

/** Returns what was appended since `from`, or the whole file if the log was rotated. */
const appended = Effect.fnUntraced(
  function*(path: string, from: { readonly at: number; readonly file: bigint | number }) {
    const files = yield* FileSystem.FileSystem
    const { ino, size } = yield* files.stat(path)
    const file = Option.getOrElse(ino, () => 0)
    const start = file === from.file && Number(size) >= from.at ? from.at : 0
    const length = Math.min(Number(size) - start, maxRead)
    if (length === 0) return { text: "", at: start, file }
    const bytes = new Uint8Array(length)
    const read = yield* Effect.scoped(Effect.gen(function*() {
      const handle = yield* files.open(path)
      yield* handle.seek(BigInt(start), "start")
      return yield* handle.read(bytes)
    }))
    return { text: new TextDecoder().decode(bytes.subarray(0, read)), at: start + read, file }
  }
)

/** `muster daemon logs`: prints the latest lines of the background daemon's log and, with `follow`, new lines. */
export const daemonLogs = Effect.fnUntraced(function*(input: {
  readonly data: string
  readonly lines: number
  readonly follow: boolean
  readonly json: boolean
}) {
  if (input.follow && input.json) {
    return yield* new Failure({
      class: "usage",
      code: "usage",
      sentence: "--follow never ends, so it cannot print one JSON document",
      next: "leave out --json or --follow"
    })
  }
  const path = logPath(yield* folder(input.data))
  const [older, newer] = yield* Effect.all([readAll(olderLog(path)), readAll(path)])
  if (Option.isNone(newer) && !input.follow) {
    return yield* new Failure({
      class: "notFound",
      code: "no_log",
      sentence: `there is no log ${path}`,
      next: "start a daemon in the background, which writes one: muster daemon start"
    })
  }
  const lines = [older, newer].flatMap((text) => linesOf(Option.getOrElse(text, () => ""))).slice(-input.lines)
  if (input.json) return yield* Console.log(jsonText({ file: path, lines }))
  if (lines.length > 0) yield* Console.log(lines.join("\n"))
  if (!input.follow) return
  const files = yield* FileSystem.FileSystem
  const shown = Buffer.byteLength(Option.getOrElse(newer, () => ""))
  let from = yield* files.stat(path).pipe(
    Effect.map(({ ino }) => ({ at: shown, file: Option.getOrElse(ino, () => 0) })),
    Effect.orElseSucceed(() => ({ at: 0, file: 0 }))
  )
  return yield* Effect.gen(function*() {
    yield* Effect.sleep(pollInterval)
    const { text, ...at } = yield* appended(path, from).pipe(Effect.orElseSucceed(() => ({ text: "", ...from })))
    from = at
    if (text !== "") yield* Console.log(text.replace(/\n$/, ""))
  }).pipe(Effect.forever)
})
