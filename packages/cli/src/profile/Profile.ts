import { Effect, Option, Schema } from "effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import { Failure } from "../failure/Failure.ts"
import { musterFolder } from "./Home.ts"

/** What the CLI saves between commands, in `~/.muster/profile.json` (mode 0600). */
export const Profile = Schema.Struct({
  server_url: Schema.NonEmptyString,
  token: Schema.RedactedFromValue(Schema.NonEmptyString),
  /** The workspace that commands use; if absent, the person's only one. */
  workspace: Schema.optionalKey(Schema.String)
})
export type Profile = typeof Profile.Type

const ProfileJson = Schema.fromJsonString(Profile)
const decode = Schema.decodeUnknownEffect(ProfileJson)
const encode = Schema.encodeEffect(ProfileJson)

export const profileFile = Effect.gen(function*() {
  const path = yield* Path.Path
  return path.join(yield* musterFolder, "profile.json")
})

const unusable = (file: string, why: string) =>
  new Failure({
    class: "refused",
    code: "profile_unusable",
    sentence: `the profile ${file} ${why}`,
    next: "sign in again: muster login"
  })

/** Reads the saved profile; none if there is no file. */
export const readProfile: Effect.Effect<Option.Option<Profile>, Failure, FileSystem.FileSystem | Path.Path> = Effect
  .gen(
    function*() {
      const files = yield* FileSystem.FileSystem
      const file = yield* profileFile
      const text = yield* files.readFileString(file).pipe(
        Effect.asSome,
        Effect.catchReason("PlatformError", "NotFound", () => Effect.succeed(Option.none<string>())),
        Effect.mapError(() => unusable(file, "cannot be read"))
      )
      if (Option.isNone(text)) return Option.none()
      return yield* decode(text.value).pipe(
        Effect.asSome,
        Effect.mapError(() => unusable(file, "is not a valid profile"))
      )
    }
  )

/**
 * Saves the profile atomically, readable by its owner only (mode 0600), and returns its path.
 */
export const saveProfile = Effect.fnUntraced(function*(profile: Profile) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const file = yield* profileFile
  yield* Effect.gen(function*() {
    const folder = path.dirname(file)
    yield* files.makeDirectory(folder, { recursive: true, mode: 0o700 })
    const temporary = path.join(yield* files.makeTempDirectoryScoped({ directory: folder, prefix: ".profile-" }), "new")
    yield* files.writeFileString(temporary, `${yield* Effect.orDie(encode(profile))}\n`, { mode: 0o600 })
    yield* files.rename(temporary, file)
  }).pipe(
    Effect.scoped,
    Effect.mapError((error) =>
      new Failure({
        class: "other",
        code: "profile_not_saved",
        sentence: `the profile ${file} cannot be written (${error.reason._tag})`,
        next: "check that you own the folder and that its disk has space"
      })
    )
  )
  return file
})
