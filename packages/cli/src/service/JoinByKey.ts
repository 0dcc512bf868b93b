import { joinMachine } from "@muster/daemon"
import { Config, Effect, Option, Redacted, Schedule } from "effect"
import { environment } from "../profile/Connection.ts"
import { daemonAccess, joinedMachine } from "../profile/DaemonAccess.ts"
import { readProfile } from "../profile/Profile.ts"
import { defaultServerUrl, serverUrl } from "../profile/ServerUrl.ts"
import { version } from "../Version.ts"
import { joinFailure } from "./JoinFailure.ts"

/** MUSTER_JOIN_KEY, if it is set and not blank: a daemon joins by itself with it. */
export const givenJoinKey = Config.Redacted("MUSTER_JOIN_KEY").pipe(
  Config.option,
  Effect.map(Option.filter((key) => Redacted.value(key).trim() !== "")),
  Effect.orElseSucceed(() => Option.none<Redacted.Redacted>())
)

/** The server to join: from MUSTER_SERVER_URL, else the profile's, else the default. */
const chosenServer = Effect.gen(function*() {
  const { url } = yield* environment
  if (Option.isSome(url)) return yield* serverUrl(url.value, "MUSTER_SERVER_URL")
  const saved = yield* readProfile
  return Option.isSome(saved) ? yield* serverUrl(saved.value.server_url, "the profile") : defaultServerUrl
})

/** A server that cannot be reached yet is tried again, at least each minute. */
const pauses = Schedule.jittered(Schedule.min([Schedule.exponential("1 second"), Schedule.spaced("1 minute")]))

const joinByKey = Effect.fnUntraced(function*(dataDir: string, name: string | undefined, secret: Redacted.Redacted) {
  const url = yield* chosenServer
  const attempt = joinMachine({
    serverUrl: url,
    secret,
    dataDir,
    clientVersion: version,
    ...(name === undefined ? {} : { deviceName: name })
  })
  const { file } = yield* Effect.catchTag(attempt, "Unreachable", (error) =>
    Effect.andThen(
      Effect.logWarning(`cannot join the server yet, trying again: ${error.reason}`),
      Effect.retry(attempt, { schedule: pauses, while: ({ _tag }) => _tag === "Unreachable" })
    )).pipe(Effect.mapError(joinFailure(url)))
  yield* Effect.logInfo(`joined the server at ${url} as ${file.name}`)
})

/** `daemonAccess`; a machine that has not joined joins with the key first, if there is one. */
export const accessOrJoin = Effect.fnUntraced(function*(
  dataDir: string,
  name: string | undefined,
  joinKey: Redacted.Redacted | undefined
) {
  const { token } = yield* environment
  if (joinKey !== undefined && Option.isNone(token) && Option.isNone(yield* joinedMachine(dataDir))) {
    yield* joinByKey(dataDir, name, joinKey)
  }
  return yield* daemonAccess(dataDir)
})
