import { Effect, Option } from "effect"
import * as FileSystem from "effect/FileSystem"
import { environment } from "../profile/Connection.ts"
import { shortened } from "../profile/Home.ts"
import { profileFile, readProfile } from "../profile/Profile.ts"
import { type Check, failed, ok, warn } from "./Check.ts"

/** The Node that Muster is built for; it comes with the workspace. */
const wanted = 26

export const checkNode: Effect.Effect<Check> = Effect.sync(() => {
  const { node } = process.versions
  return Number(node.split(".")[0]) >= wanted
    ? ok("node", `Node ${node}`)
    : warn(
      "node",
      `Node ${node} is older than ${wanted}, which Muster is made for`,
      "install what is missing: npm start"
    )
})

const describeProfile = Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem
  const file = yield* profileFile
  const shown = yield* shortened(file)
  const given = yield* environment
  const variables = [
    ...Option.isSome(given.url) ? ["MUSTER_SERVER_URL"] : [],
    ...Option.isSome(given.token) ? ["MUSTER_TOKEN"] : []
  ]
  const note = variables.length === 0 ? "" : `; ${variables.join(" and ")} from the environment come first`
  const saved = yield* readProfile
  if (Option.isNone(saved)) {
    return variables.length === 0
      ? warn("profile", `there is no ${shown}`, "start a server here (npm start), or sign in to one: muster login")
      : ok("profile", `there is no ${shown}${note}`)
  }
  const mode = yield* files.stat(file).pipe(Effect.map((info) => info.mode & 0o077), Effect.orElseSucceed(() => 0))
  return mode === 0 || process.platform === "win32"
    ? ok("profile", `${shown} is for ${saved.value.server_url}${note}`)
    : warn("profile", `${shown} holds a token and can be read by other users`, `chmod 600 ${shown}`)
})

export const checkProfile = describeProfile.pipe(
  Effect.catch((failure) => Effect.succeed(failed("profile")(failure)))
)
