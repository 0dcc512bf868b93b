import { assert, describe, it } from "@effect/vitest"
import { Conditions } from "@muster/kit"
import { Context, Effect, Layer, Redacted } from "effect"
import { CredentialApi } from "../../src/client/CredentialApi.ts"
import { layerHttpServerApi } from "../../src/client/HttpServerApi.ts"
import { MachineAccess } from "../../src/client/MachineAccess.ts"
import { ServerApi } from "../../src/client/ServerApi.ts"
import { Identity } from "../../src/identity/Identity.ts"
import { workspaceId } from "../support/FakeServer.ts"
import { identity } from "../support/Identity.ts"
import { WireServer } from "../support/WireServer.ts"
import { day, machineAccess } from "./Fixture.ts"

const W = workspaceId(1)

const start = Effect.gen(function*() {
  const server = yield* WireServer.make
  const machine = yield* machineAccess
  const context = yield* Layer.build(
    layerHttpServerApi({ serverUrl: server.url, token: Redacted.make("mul_secret") }).pipe(
      Layer.provide([Layer.succeed(Identity, identity), Layer.succeed(MachineAccess, machine), Conditions.layer])
    )
  )
  return { server, machine, api: Context.get(context, ServerApi), credentials: Context.get(context, CredentialApi) }
})

describe("the calls of a machine that joined", () => {
  it.effect("A-04 show its credential and its fingerprint, and ask for its own workspaces", () =>
    Effect.gen(function*() {
      const { api, machine, server } = yield* start
      server.script = () => ({
        status: 200,
        body: JSON.stringify({
          machine: { name: "Box", drain: { note: "disk" } },
          workspaces: [{ id: W, name: "Acme" }]
        })
      })
      assert.deepStrictEqual(yield* api.workspaces, [{ id: W, name: "Acme" }])
      assert.deepStrictEqual(machine.own(), { name: "Box", draining: "disk" })
      const [call] = server.received
      assert.strictEqual(call!.path, `/api/daemon/machine?daemon_id=${identity.daemonId}`)
      assert.include(call!.headers, {
        authorization: `Bearer mdt_${"a".repeat(40)}`,
        "x-machine-fingerprint": "f".repeat(64)
      })
    }))

  it.effect("A-04 use the renewed credential from the next call on", () =>
    Effect.gen(function*() {
      const { api, credentials, machine, server } = yield* start
      server.script = ({ path }) =>
        path === "/api/daemon/credential/renew"
          ? { status: 200, body: JSON.stringify({ credential: "mdt_new", expires_at: "1970-02-15T00:00:00Z" }) }
          : undefined
      const { credential, expiresAt } = yield* credentials.renew
      assert.strictEqual(expiresAt, 45 * day)
      assert.deepStrictEqual(JSON.parse(server.received[0]!.body), { daemon_id: identity.daemonId })
      yield* machine.renewed(credential, expiresAt)
      yield* Effect.ignore(api.workspaces)
      assert.strictEqual(server.received[1]!.headers.authorization, "Bearer mdt_new")
    }))

  it.effect("A-04 say that they were refused", () =>
    Effect.gen(function*() {
      const { api, machine, server } = yield* start
      server.script = () => ({ status: 401, body: "{\"error\":\"invalid daemon token\"}" })
      yield* Effect.ignore(api.workspaces)
      yield* machine.awaitRefusal
    }))
})
