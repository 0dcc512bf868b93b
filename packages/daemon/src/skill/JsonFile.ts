import { DaemonSocket } from "@muster/domain"
import { Effect, Option } from "effect"
import type { FileSystem } from "effect/FileSystem"
import { readText } from "./ReadText.ts"
import { decodeEntry } from "./SkillEntry.ts"
import { isAbsent, problem, type SkillProblem, unreadable } from "./SkillProblem.ts"

/** The largest file that is read, in bytes. */
const maxBytes = 4 * 1024 * 1024

/** What a JSON file holds; none: it is absent. Links are followed, since settings are often linked. */
export const readJson = (fs: FileSystem, path: string): Effect.Effect<Option.Option<unknown>, SkillProblem> =>
  Effect.gen(function*() {
    const real = yield* fs.realPath(path)
    if ((yield* fs.lstat(real)).type !== "File") return yield* problem("it is not a file")
    const read = yield* readText(fs, real, maxBytes)
    if (read._tag === "TooLarge") return yield* problem(`it exceeds ${maxBytes} bytes`)
    const value = DaemonSocket.parseJson(decodeEntry(read.bytes).replace(/^\uFEFF/, ""))
    return value === undefined ? yield* problem("it is not JSON") : Option.some(value)
  }).pipe(
    Effect.catchTag(
      "PlatformError",
      (error) => isAbsent(error) ? Effect.succeedNone : Effect.fail(problem(unreadable("it", error)))
    )
  )
