import { Data, Effect, Option, Schema } from "effect"
import { FileSystem } from "effect/FileSystem"
import { join } from "node:path"
import { writeAtomically } from "./DaemonIdFile.ts"

/**
 * The credential of a machine that joined a server, in `<data>/machine.json` (mode 0600). Times are epoch ms. It is for one
 * daemon id: a copy of the folder gets another one, and the server refuses it.
 */
export const MachineFile = Schema.Struct({
  server_url: Schema.NonEmptyString,
  machine_id: Schema.NonEmptyString,
  name: Schema.String,
  daemon_id: Schema.NonEmptyString,
  credential: Schema.RedactedFromValue(Schema.NonEmptyString),
  expires_at: Schema.Finite,
  /** When it is renewed. */
  renew_at: Schema.Finite
})
export type MachineFile = typeof MachineFile.Type

/** The file cannot be read or written. */
export class MachineFileUnusable extends Data.TaggedError("MachineFileUnusable")<{
  readonly path: string
  readonly reason: string
}> {
  override get message() {
    return `the machine's credential cannot be kept in ${this.path}: ${this.reason}`
  }
}

const Json = Schema.fromJsonString(MachineFile)
const decode = Schema.decodeUnknownEffect(Json)
const encode = Schema.encodeSync(Json)

export const machineFile = (dataDir: string) => join(dataDir, "machine.json")

/** Returns the credential of a data folder; none if its machine has not joined. */
export const readMachineFile = Effect.fnUntraced(function*(dataDir: string) {
  const fs = yield* FileSystem
  const path = machineFile(dataDir)
  const text = yield* fs.readFileString(path).pipe(
    Effect.asSome,
    Effect.catchReason("PlatformError", "NotFound", () => Effect.succeed(Option.none<string>())),
    Effect.mapError(({ message }) => new MachineFileUnusable({ path, reason: message }))
  )
  if (Option.isNone(text)) return Option.none<MachineFile>()
  return yield* decode(text.value).pipe(
    Effect.asSome,
    Effect.mapError(() => new MachineFileUnusable({ path, reason: "it is not valid; join again: muster join" }))
  )
})

/** Writes the file atomically, readable by its owner only. */
export const saveMachineFile = Effect.fnUntraced(function*(dataDir: string, file: MachineFile) {
  const fs = yield* FileSystem
  const path = machineFile(dataDir)
  yield* fs.makeDirectory(dataDir, { recursive: true, mode: 0o700 }).pipe(
    Effect.andThen(writeAtomically(path, `${encode(file)}\n`)),
    Effect.mapError(({ message }) => new MachineFileUnusable({ path, reason: message }))
  )
})
