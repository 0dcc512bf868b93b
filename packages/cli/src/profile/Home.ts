import { Config, Effect } from "effect"
import * as Path from "effect/Path"
import { homedir } from "node:os"

/** The person's home folder: HOME where it is set, else what the system says. */
const home = Config.NonEmptyString("HOME").pipe(
  Config.option,
  Effect.map((given) => given._tag === "Some" ? given.value : homedir()),
  Effect.orElseSucceed(() => homedir())
)

/** `~/.muster`: the profile always, and all data by default. */
export const musterFolder = Effect.gen(function*() {
  const path = yield* Path.Path
  return path.join(yield* home, ".muster")
})

/** A folder as a person writes it, as an absolute path: `~/` means the home folder, wherever it was written. */
export const folder = Effect.fnUntraced(function*(text: string) {
  const path = yield* Path.Path
  if (text === "~") return yield* home
  return text.startsWith("~/") ? path.join(yield* home, text.slice(2)) : path.resolve(text)
})

/** A path as a person likes to read it, with `~` for the home folder. */
export const shortened = Effect.fnUntraced(function*(file: string) {
  const own = yield* home
  return file.startsWith(`${own}/`) ? `~${file.slice(own.length)}` : file
})
