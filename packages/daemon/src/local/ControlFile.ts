import { Effect, Schema } from "effect"
import { FileSystem } from "effect/FileSystem"
import { join } from "node:path"

/** How to reach the daemon of a data folder: `<data>/daemon.json`, mode 0600, there while the daemon is. */
export const ControlFile = Schema.Struct({
  pid: Schema.Int,
  /** On 127.0.0.1. */
  port: Schema.Port,
  /** What control of the daemon needs; another one at each start. */
  token: Schema.NonEmptyString,
  /** Epoch ms. */
  started_at: Schema.Finite
})
export type ControlFile = typeof ControlFile.Type

const ControlJson = Schema.fromJsonString(ControlFile)
const encode = Schema.encodeSync(ControlJson)
const decode = Schema.decodeUnknownEffect(ControlJson)

export const controlFile = (dataDir: string) => join(dataDir, "daemon.json")

/** None: there is no such file, or it says nothing of use. A daemon that was killed leaves its file behind. */
export const readControlFile = Effect.fnUntraced(function*(dataDir: string) {
  const fs = yield* FileSystem
  return yield* decode(yield* fs.readFileString(controlFile(dataDir)))
}, (effect) => Effect.option(effect))

/** Writes the file, whole, and removes it when the scope ends. */
export const keepControlFile = Effect.fnUntraced(function*(dataDir: string, content: ControlFile) {
  const fs = yield* FileSystem
  const path = controlFile(dataDir)
  const draft = `${path}.${content.pid}`
  yield* Effect.acquireRelease(
    fs.writeFileString(draft, `${encode(content)}\n`, { mode: 0o600 }).pipe(Effect.andThen(fs.rename(draft, path))),
    () => Effect.ignore(fs.remove(path, { force: true }))
  )
})
