import { DaemonStatus, layerDaemon, StatusBoard } from "@muster/daemon"
import { Console, Effect, Option } from "effect"
import { connection } from "../profile/Connection.ts"
import { folder } from "../profile/Home.ts"
import { version } from "../Version.ts"
import { announceAgents, announceJson } from "./announce.ts"
import { live } from "./Lifetime.ts"
import { orStartFailure } from "./startFailure.ts"
import { tellSupervisor } from "./Supervisor.ts"

/** `muster daemon`: the daemon of this machine, in the foreground. */
export const runDaemon = Effect.fnUntraced(function*(input: {
  readonly data: string
  readonly name: Option.Option<string>
  readonly localPort: Option.Option<number>
  readonly json: boolean
}) {
  const { token, url } = yield* connection
  const dataDir = yield* folder(input.data)
  const name = Option.getOrUndefined(input.name)
  const localPort = Option.getOrUndefined(input.localPort)
  const daemon = layerDaemon({
    serverUrl: url,
    token,
    dataDir,
    clientVersion: version,
    ...(name === undefined ? {} : { deviceName: name }),
    ...(localPort === undefined ? {} : { localPort })
  })
  return yield* live(
    orStartFailure(daemon),
    Effect.gen(function*() {
      const status = yield* DaemonStatus
      yield* Effect.forkChild(tellSupervisor(status))
      if (input.json) return yield* announceJson({ server_url: url }, Option.some(status))
      yield* Console.log(`Muster's daemon runs; its server is ${url}`)
      yield* announceAgents(status)
    }),
    Effect.flatMap(StatusBoard, ({ stopAsked }) => stopAsked)
  )
})
