import { Effect } from "effect"
import { programFile } from "../server/ProgramFiles.ts"
import { RedisError } from "./RedisError.ts"

/** Folders of the program when it is not on PATH. */
const usual = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "/opt/redis/bin", "/snap/bin"]

/** `redis-server` as an absolute path: the first on PATH, else in one of these folders. */
export const findRedis = (folders: ReadonlyArray<string> = usual): Effect.Effect<string, RedisError> =>
  Effect.suspend(() => {
    const found = programFile("redis-server", folders)
    if (found !== undefined) return Effect.succeed(found)
    return Effect.fail(
      new RedisError({
        message: "redis-server is missing: install your system's package \"redis\" (version 7 or newer), " +
          "or run `npm test`, which does so on Debian"
      })
    )
  })
