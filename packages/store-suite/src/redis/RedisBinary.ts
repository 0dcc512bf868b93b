import { Effect } from "effect"
import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"
import { RedisError } from "./RedisError.ts"

/** Folders of the program when it is not on PATH. */
const usual = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "/opt/redis/bin", "/snap/bin"]

const isProgram = (path: string) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** `redis-server` as an absolute path: the first on PATH, else in one of these folders. */
export const findRedis = (folders: ReadonlyArray<string> = usual): Effect.Effect<string, RedisError> =>
  Effect.suspend(() => {
    const onPath = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "")
    const found = [...onPath, ...folders].map((folder) => join(folder, "redis-server")).find(isProgram)
    if (found !== undefined) return Effect.succeed(found)
    return Effect.fail(
      new RedisError({
        message: "redis-server is missing: install your system's package \"redis\" (version 7 or newer), " +
          "or run `npm test`, which does so on Debian"
      })
    )
  })
