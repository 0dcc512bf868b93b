import { Config, Effect } from "effect"
import * as Path from "effect/Path"
import { homedir } from "node:os"

/** The home folder: HOME if it is set, else the system's answer. */
const home = Config.NonEmptyString("HOME").pipe(
  Config.option,
  Effect.map((given) => given._tag === "Some" ? given.value : homedir()),
  Effect.orElseSucceed(() => homedir())
)

/** `~/.muster`, the folder of the profile and the default data folder. */
export const musterFolder = Effect.gen(function*() {
  const path = yield* Path.Path
  return path.join(yield* home, ".muster")
})

/** Returns a folder as an absolute path; `~/` is the home folder. */
export const folder = Effect.fnUntraced(function*(text: string) {
  const path = yield* Path.Path
  if (text === "~") return yield* home
  return text.startsWith("~/") ? path.join(yield* home, text.slice(2)) : path.resolve(text)
})

/** Returns a path with `~` for the home folder, for output. */
export const shortened = Effect.fnUntraced(function*(file: string) {
  const own = yield* home
  return file.startsWith(`${own}/`) ? `~${file.slice(own.length)}` : file
})
