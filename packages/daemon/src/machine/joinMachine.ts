import type { Api } from "@muster/domain"
import { Conditions } from "@muster/kit"
import { Clock, Effect, Layer, Random, Redacted, Schema } from "effect"
import { makeCaller } from "../client/Caller.ts"
import { clientHeaders } from "../client/ClientHeaders.ts"
import { Connections } from "../client/Connections.ts"
import { ServerClock } from "../client/ServerClock.ts"
import { Refused } from "../client/ServerError.ts"
import { parseServerUrl } from "../client/ServerUrl.ts"
import { SleepWatch } from "../clock/SleepWatch.ts"
import { Identity, type IdentityOptions } from "../identity/Identity.ts"
import { type MachineFile, saveMachineFile } from "../identity/MachineFile.ts"

export interface JoinOptions extends IdentityOptions {
  readonly serverUrl: string
  /** A join token or a join key. */
  readonly secret: Redacted.Redacted
}

/** What the daemon reads of the reply. */
const Reply = Schema.Struct({
  credential: Schema.NonEmptyString,
  expires_at: Schema.String,
  machine: Schema.Struct({ id: Schema.String, name: Schema.String }),
  workspaces: Schema.Array(Schema.Struct({ id: Schema.String, name: Schema.String }))
})

const deadline = 30_000

/** How much of the time until the renewal is left to chance, so that machines that joined together renew apart. */
const spread = 0.1

/** When a credential is renewed that ends at `expiresAt` (epoch ms): after half of its time, less up to a tenth of that. */
export const renewAt = (expiresAt: number) =>
  Effect.map(
    Effect.all([Clock.currentTimeMillis, Random.next]),
    ([now, random]) => Math.floor(now + (expiresAt - now) / 2 * (1 - spread * random))
  )

const request = Effect.fnUntraced(function*({ secret, serverUrl }: JoinOptions) {
  const identity = yield* Identity
  const url = yield* parseServerUrl(serverUrl)
  const none = Redacted.make("")
  const headers = clientHeaders({ ...identity, token: none, platform: process.platform, tasks: false })
  const call = yield* makeCaller(url.http, () => headers)
  const reply = yield* call({
    operation: "join",
    method: "POST",
    path: "/api/join",
    body: {
      token: Redacted.value(secret),
      daemon_id: identity.daemonId,
      name: identity.deviceName,
      device_info: `${process.platform} ${process.arch}`
    } satisfies (typeof Api.JoinBody)["Encoded"],
    deadline,
    reply: Reply
  }).pipe(
    Effect.mapError((error) =>
      error._tag === "Gone" ? new Refused({ operation: "join", status: 404, body: "not found" }) : error
    )
  )
  const expiresAt = Date.parse(reply.expires_at)
  const file: MachineFile = {
    server_url: serverUrl,
    machine_id: reply.machine.id,
    name: reply.machine.name,
    daemon_id: identity.daemonId,
    credential: Redacted.make(reply.credential),
    expires_at: expiresAt,
    renew_at: yield* renewAt(expiresAt)
  }
  return { file, workspaces: reply.workspaces.map(({ name }) => name) }
})

/**
 * Joins a server with a token or a key, and saves the credential in the data folder. Fails with `Refused` (its body has the
 * server's sentence), `Unreachable`, `BadServerUrl`, or where the data folder cannot be used.
 */
export const joinMachine = (options: JoinOptions) =>
  request(options).pipe(
    Effect.tap(({ file }) => saveMachineFile(options.dataDir, file)),
    Effect.provide(
      Connections.layer(options).pipe(
        Layer.provideMerge(Layer.mergeAll(ServerClock.layer, Identity.layer(options))),
        Layer.provide(SleepWatch.layer),
        Layer.provide(Conditions.layer)
      )
    )
  )

export type JoinError = Effect.Error<ReturnType<typeof joinMachine>>
