import { Effect, Schema } from "effect"
import { FileSystem } from "effect/FileSystem"
import { basename, join, resolve } from "node:path"

/** The profile of a daemon: one machine can have several, each with its data folder. */
export interface LocalProfile {
  /** Absolute. */
  readonly folder: string
  /** Empty for the default profile. */
  readonly name: string
  /** The port at which a tool of v0.3.1 looks for the daemon. Source: `docs/protocol.md` 14. */
  readonly port: number
}

const defaultFolder = ".muster"
const defaultPort = 19_514

const portOf = (name: string) => defaultPort + 1 + (Buffer.from(name).reduce((sum, byte) => sum + byte, 0) % 1_000)

/**
 * Returns the profile of a data folder. `~/.muster` is the default profile; any other folder is a profile with the folder's
 * name.
 */
export const localProfile = (dataDir: string): LocalProfile => {
  const folder = resolve(dataDir)
  const name = basename(folder) === defaultFolder ? "" : basename(folder)
  return { folder, name, port: name === "" ? defaultPort : portOf(name) }
}

/** How to reach the daemon of a data folder: `<data>/daemon.json`, mode 0600, which exists while the daemon runs. */
export const ControlFile = Schema.Struct({
  pid: Schema.Int,
  /** On 127.0.0.1. */
  port: Schema.Port,
  /** The token that controls the daemon; a new one at each start. */
  token: Schema.NonEmptyString,
  /** Epoch ms. */
  started_at: Schema.Finite
})
export type ControlFile = typeof ControlFile.Type

const ControlJson = Schema.fromJsonString(ControlFile)
const encode = Schema.encodeSync(ControlJson)
const decode = Schema.decodeUnknownEffect(ControlJson)

export const controlFile = (dataDir: string) => join(dataDir, "daemon.json")

/** Returns none if there is no valid file. A daemon that was killed leaves its file. */
export const readControlFile = Effect.fnUntraced(function*(dataDir: string) {
  const fs = yield* FileSystem
  return yield* decode(yield* fs.readFileString(controlFile(dataDir)))
}, (effect) => Effect.option(effect))

/** Writes the file atomically, and removes it when the scope ends. */
export const keepControlFile = Effect.fnUntraced(function*(dataDir: string, content: ControlFile) {
  const fs = yield* FileSystem
  const path = controlFile(dataDir)
  const draft = `${path}.${content.pid}`
  yield* Effect.acquireRelease(
    fs.writeFileString(draft, `${encode(content)}\n`, { mode: 0o600 }).pipe(Effect.andThen(fs.rename(draft, path))),
    () => Effect.ignore(fs.remove(path, { force: true }))
  )
})
