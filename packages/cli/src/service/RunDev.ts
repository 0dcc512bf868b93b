import { Clis, DaemonStatus, layerDaemonOver, layerMachineClisIn, StatusBoard } from "@muster/daemon"
import { consoleFolder, layerServer, ServerInfo, signInConfig } from "@muster/server"
import { Console, Effect, Layer, Option, Ref, Stream } from "effect"
import { type Style, style } from "../output/Style.ts"
import { folder, shortened } from "../profile/Home.ts"
import { saveProfile } from "../profile/Profile.ts"
import { version } from "../Version.ts"
import { announceAgents, announceJson } from "./Announce.ts"
import { live, StopTimeout } from "./Lifetime.ts"
import { orStartFailure } from "./StartFailure.ts"

interface DevInput {
  readonly host: string
  readonly port: number
  readonly data: string
  readonly daemon: boolean
  readonly name: Option.Option<string>
  readonly localPort: Option.Option<number>
  readonly drainTasks: Option.Option<number>
  readonly json: boolean
}

/** The daemon of this machine, with the owner's token. It is built after the server, so that it stops first. */
const daemonOf = (dataDir: string, { drainTasks, localPort, name }: DevInput) =>
  Layer.unwrap(Effect.map(ServerInfo, ({ ownerToken, url }) =>
    orStartFailure(layerDaemonOver({
      serverUrl: url,
      token: ownerToken,
      dataDir,
      clientVersion: version,
      launchedBy: "dev",
      drainTasks: Option.getOrElse(drainTasks, () => 0),
      ...(Option.isSome(name) && { deviceName: name.value }),
      ...(Option.isSome(localPort) && { localPort: localPort.value })
    }))))

const headline = Effect.fnUntraced(function*(info: ServerInfo["Service"], profile: string, { bold, dim }: Style) {
  yield* Console.log([
    bold(`Muster is up: ${info.url}`),
    `  console  ${yield* consoleLink(info)} ${dim("(one-time sign-in link, expires after 10 minutes)")}`,
    `  token    ${yield* shortened(info.ownerTokenFile)} ${dim("(the owner's token)")}`,
    `  profile  ${yield* shortened(profile)} ${dim("(the server and token for muster on this machine)")}`
  ].join("\n"))
})

/** `muster dev`: runs server and daemon in one process, with the embedded database. */
export const runDev = Effect.fnUntraced(function*(input: DevInput) {
  const { daemon, data, drainTasks, host, json, port } = input
  const dataDir = yield* folder(data)
  const signInOptions = yield* Effect.orDie(signInConfig)
  const server = orStartFailure(
    layerServer({ host, port, dataDir, databaseUrl: undefined, consoleFolder, ...signInOptions })
  )
  const signIn = Effect.gen(function*() {
    const info = yield* ServerInfo
    const profile = yield* saveProfile({ server_url: info.url, token: info.ownerToken, workspace: info.ownerWorkspace })
    if (!json) yield* headline(info, profile, yield* style)
    return {
      url: info.url,
      console_url: json ? yield* consoleLink(info) : info.url,
      environment: info.environment,
      token_file: info.ownerTokenFile,
      profile_file: profile
    }
  })
  if (daemon) {
    return yield* live(
      daemonOf(dataDir, input).pipe(Layer.provideMerge(Layer.merge(layerEarlyClis(dataDir), server))),
      Effect.gen(function*() {
        const document = yield* signIn
        const status = yield* DaemonStatus
        yield* json ? announceJson(document, Option.some(status)) : announceAgents(status)
      }),
      Effect.flatMap(StatusBoard, ({ stopAsked }) => stopAsked)
    ).pipe(
      Effect.updateService(StopTimeout, (timeout) => timeout + Option.getOrElse(drainTasks, () => 0) * 1_000)
    )
  }
  return yield* live(
    server,
    Effect.gen(function*() {
      const document = yield* signIn
      yield* json
        ? announceJson(document, Option.none())
        : Console.log("\nNo daemon was started. Try in a second shell: npx muster daemon")
    })
  )
})

/**
 * Provides the machine's agent CLIs and starts their discovery immediately, while the server starts: some CLIs take seconds
 * to print their version.
 */
export const layerEarlyClis = (dataDir: string): Layer.Layer<Clis> =>
  Layer.effect(
    Clis,
    Effect.gen(function*() {
      const clis = yield* Clis
      const first = yield* Stream.toQueue(clis.look, { capacity: "unbounded" })
      const taken = yield* Ref.make(false)
      const results = Effect.map(
        Ref.getAndSet(taken, true),
        (again) => again ? clis.look : Stream.fromQueue(first)
      )
      return Clis.of({ ...clis, look: Stream.unwrap(results) })
    })
  ).pipe(Layer.provide(layerMachineClisIn(dataDir)))

/** Returns a one-time sign-in URL for the owner, or the console's URL if none can be created. */
export const consoleLink = ({ signInLink, url }: ServerInfo["Service"]) =>
  Effect.orElseSucceed(signInLink, () => `${url}/`)
