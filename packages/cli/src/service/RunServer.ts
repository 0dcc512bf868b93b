import { consoleFolder, layerServer, ServerInfo, signInConfig } from "@muster/server"
import { Console, Effect, Option, type Redacted } from "effect"
import { folder, shortened } from "../profile/Home.ts"
import { announceJson } from "./Announce.ts"
import { live, StopTimeout } from "./Lifetime.ts"
import { orStartFailure } from "./StartFailure.ts"

/** `muster server`: runs a server without a daemon. */
export const runServer = Effect.fnUntraced(function*(input: {
  readonly host: string
  readonly port: number
  readonly data: string
  readonly databaseUrl: Option.Option<Redacted.Redacted>
  readonly databaseDirectUrl: Option.Option<Redacted.Redacted>
  readonly redisUrl: Option.Option<Redacted.Redacted>
  /** In seconds. */
  readonly drain: Option.Option<number>
  readonly json: boolean
}) {
  const { host, port } = input
  const dataDir = yield* folder(input.data)
  const drainWindow = Option.getOrUndefined(Option.map(input.drain, (seconds) => seconds * 1_000))
  const server = layerServer({
    host,
    port,
    dataDir,
    databaseUrl: Option.getOrUndefined(input.databaseUrl),
    databaseDirectUrl: Option.getOrUndefined(input.databaseDirectUrl),
    redisUrl: Option.getOrUndefined(input.redisUrl),
    consoleFolder,
    drainWindow,
    ...(yield* Effect.orDie(signInConfig))
  })
  const ready = Effect.gen(function*() {
    const { environment, ownerTokenFile, url } = yield* ServerInfo
    if (input.json) return yield* announceJson({ url, environment, token_file: ownerTokenFile }, Option.none())
    yield* Console.log([
      `Muster's server is up: ${url} (${environment})`,
      `The owner's token is in ${yield* shortened(ownerTokenFile)}; use it to sign in to the console at ${url}`,
      `Next, on a machine with agent CLIs: MUSTER_SERVER_URL=${url} MUSTER_TOKEN=… muster daemon`
    ].join("\n"))
  })
  return yield* live(orStartFailure(server), ready).pipe(
    Effect.updateService(StopTimeout, (timeout) => timeout + (drainWindow ?? 0))
  )
})
