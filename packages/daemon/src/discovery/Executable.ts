import { Effect } from "effect"
import { constants } from "node:fs"
import { access, stat } from "node:fs/promises"
import { delimiter, isAbsolute, join } from "node:path"

/** True when `path` is a file that this user may run. */
export const isExecutable = (path: string): Effect.Effect<boolean> =>
  Effect.tryPromise(async () => {
    const [file] = await Promise.all([stat(path), access(path, constants.X_OK)])
    return file.isFile()
  }).pipe(Effect.orElseSucceed(() => false))

/** The first executable called `command` in the absolute folders of a PATH. */
export const onPath = (command: string, path: string | undefined): Effect.Effect<string | undefined> =>
  Effect.gen(function*() {
    for (const folder of (path ?? "").split(delimiter)) {
      // A relative folder means another one for every working directory.
      const candidate = join(folder, command)
      if (isAbsolute(folder) && (yield* isExecutable(candidate))) return candidate
    }
    return undefined
  })
