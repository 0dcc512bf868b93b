import { joinMachine, type LocalHealth } from "@muster/daemon"
import { Join } from "@muster/domain"
import { Console, Effect, Option, Redacted } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { startInBackground } from "../daemon/StartDaemon.ts"
import { startService } from "../daemon/StartService.ts"
import { stopRunning } from "../daemon/StopDaemon.ts"
import { Failure } from "../failure/Failure.ts"
import { table } from "../output/Table.ts"
import { indent, jsonText, plural, printable } from "../output/Text.ts"
import { folder, shortened } from "../profile/Home.ts"
import { serverUrl } from "../profile/ServerUrl.ts"
import { skippedLabel } from "../service/Announce.ts"
import { joinFailure } from "../service/JoinFailure.ts"
import { version } from "../Version.ts"

/** Refuses a text that no server made, before it is sent anywhere. */
const secretFrom = (text: string) =>
  Join.kindOf(text) !== undefined ? Effect.succeed(Redacted.make(text)) : Effect.fail(
    new Failure({
      class: "usage",
      code: "invalid_join_token",
      sentence: "that is not a join token: it is mjt_ or mjk_ and 40 characters, and a mistyped one does not pass",
      next: "copy the whole command that `muster machines add` printed"
    })
  )

const agentsText = ({ runtimes, skipped, why }: LocalHealth) => {
  const rows = [
    ...[...new Map(runtimes.map((one) => [one.provider, one])).values()].map(({ provider, version }) => [
      "online",
      printable(provider),
      printable(version) || "–"
    ]),
    ...skipped.map(({ provider, reason, verdict }) => [skippedLabel(verdict), printable(provider), printable(reason)])
  ]
  return [
    "Agent CLIs on this machine",
    rows.length === 0
      ? "  none found; install one, for example: npm install -g opencode-ai (the daemon finds it within 2 minutes)"
      : indent(table(rows[0]!, rows.slice(1))),
    ...(why === null ? [] : [`  problem  ${printable(why)}`])
  ].join("\n")
}

export interface JoinInput {
  readonly url: string
  readonly token: string
  readonly data: string
  readonly name: Option.Option<string>
  readonly localPort: Option.Option<number>
  readonly drainTasks: Option.Option<number>
  readonly service: boolean
  readonly start: boolean
  readonly json: boolean
}

/** Starts the daemon with the new credential: as a service where one can run, else in the background. */
const start = Effect.fnUntraced(function*(dataDir: string, input: JoinInput) {
  // A daemon that runs has another credential.
  yield* stopRunning(dataDir)
  const service = input.service ? yield* startService(dataDir, input) : Option.none()
  if (Option.isSome(service)) return { how: "service" as const, health: service.value }
  const { health } = yield* startInBackground(dataDir, input)
  return { how: "background" as const, health }
})

/** `muster join`: joins a server with a token or key, and starts the daemon. */
export const join = Effect.fnUntraced(function*(input: JoinInput) {
  const url = yield* serverUrl(input.url, "the first argument")
  const secret = yield* secretFrom(input.token.trim())
  const dataDir = yield* folder(input.data)
  const name = Option.getOrUndefined(input.name)
  const { file, workspaces } = yield* joinMachine({
    serverUrl: url,
    secret,
    dataDir,
    clientVersion: version,
    ...(name === undefined ? {} : { deviceName: name })
  }).pipe(Effect.mapError(joinFailure(url)))
  if (!input.json) {
    const where = workspaces.map(printable).join(", ")
    yield* Console.log(
      `This machine joined ${url} as ${printable(file.name)}, in ${
        plural(workspaces.length, "workspace")
      }: ${where}\n` +
        `Its credential is in ${yield* shortened(`${dataDir}/machine.json`)}`
    )
  }
  const started = input.start ? yield* start(dataDir, input) : undefined
  if (input.json) {
    return yield* Console.log(jsonText({
      server_url: url,
      machine: { id: file.machine_id, name: file.name },
      workspaces,
      data_folder: dataDir,
      started: started?.how ?? null,
      daemon: started?.health ?? null
    }))
  }
  if (started === undefined) return yield* Console.log("next:  start the daemon: muster daemon start")
  yield* Console.log(
    `Muster's daemon runs ${started.how === "service" ? "as a service" : "in the background"} ` +
      `(process ${started.health.pid})\n\n${agentsText(started.health)}`
  )
}, Effect.provide(FetchHttpClient.layer))
