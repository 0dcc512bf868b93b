import { Effect, Schema } from "effect"
import { FileSystem } from "effect/FileSystem"
import { basename, join, resolve } from "node:path"

/** Which of the daemons that one machine may have this is: its data folder. */
export interface LocalProfile {
  /** Absolute. */
  readonly folder: string
  /** Empty for the default profile. */
  readonly name: string
  /** Where a tool of v0.3.1 looks for it. Source: `docs/protocol.md` 14. */
  readonly port: number
}

const defaultFolder = ".muster"
const defaultPort = 19_514

const portOf = (name: string) => defaultPort + 1 + (Buffer.from(name).reduce((sum, byte) => sum + byte, 0) % 1_000)

/** `~/.muster` is the default profile; any other folder is a profile of its own, called as the folder is. */
export const localProfile = (dataDir: string): LocalProfile => {
  const folder = resolve(dataDir)
  const name = basename(folder) === defaultFolder ? "" : basename(folder)
  return { folder, name, port: name === "" ? defaultPort : portOf(name) }
}

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
