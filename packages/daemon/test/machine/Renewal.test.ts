import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { Conditions } from "@muster/kit"
import { Effect, Layer, Option, Redacted } from "effect"
import { FileSystem } from "effect/FileSystem"
import { TestClock } from "effect/testing"
import { CredentialApi } from "../../src/client/CredentialApi.ts"
import { MachineAccess } from "../../src/client/MachineAccess.ts"
import { Unreachable } from "../../src/client/ServerError.ts"
import { Identity } from "../../src/identity/Identity.ts"
import { machineFile, readMachineFile, saveMachineFile } from "../../src/identity/MachineFile.ts"
import { layerMachineAccess } from "../../src/machine/layerMachineAccess.ts"
import { layerRenewal } from "../../src/machine/Renewal.ts"
import { identity } from "../support/Identity.ts"
import { logLines } from "../support/logLines.ts"
import { day, file, machineAccess } from "./Fixture.ts"

const unreachable = new Unreachable({ operation: "renew", reason: "ECONNREFUSED", status: null, retryAfter: null })

/** A server that answers as `down` says, and how often it was asked. */
const makeServer = () => {
  const server = { down: false, asked: 0 }
  const layer = Layer.succeed(CredentialApi, {
    renew: Effect.suspend(() => {
      server.asked++
      return server.down ? Effect.fail(unreachable) : Effect.succeed({
        credential: Redacted.make(`mdt_${String(server.asked).repeat(40)}`),
        expiresAt: (15 + 30) * day
      })
    })
  })
  return { server, layer }
}

describe("the renewal of a machine's credential", () => {
  it.effect("A-04 begins at half of its time, not before, and not again once it was renewed", () =>
    Effect.gen(function*() {
      const { layer, server } = makeServer()
      const machine = yield* machineAccess
      yield* Layer.build(layerRenewal.pipe(
        Layer.provide([layer, Layer.succeed(MachineAccess, machine), Conditions.layer])
      ))
      yield* TestClock.adjust(15 * day - 1)
      assert.strictEqual(server.asked, 0)
      yield* TestClock.adjust("2 hours")
      assert.strictEqual(server.asked, 1)
      assert.strictEqual(machine.file().expires_at, 45 * day)
      yield* TestClock.adjust("14 days")
      assert.strictEqual(server.asked, 1)
    }))

  it.effect("A-04 is repeated each hour while the server is away, with one log line, and keeps the credential", () =>
    Effect.gen(function*() {
      const { layer, server } = makeServer()
      const machine = yield* machineAccess
      const log = yield* logLines
      server.down = true
      yield* Layer.build(layerRenewal.pipe(
        Layer.provide([layer, Layer.succeed(MachineAccess, machine), Conditions.layer]),
        Layer.provideMerge(log.layer)
      ))
      yield* TestClock.adjust(15 * day)
      yield* TestClock.adjust("10 hours")
      assert.isAtLeast(server.asked, 8)
      assert.strictEqual(machine.current(), file.credential)
      assert.match(log.lines[0]!, /^Warn cannot renew the machine's credential, which ends on 1970-01-31; trying again/)
      server.down = false
      yield* TestClock.adjust("2 hours")
      assert.strictEqual(machine.file().expires_at, 45 * day)
      assert.lengthOf(log.lines.filter((line) => line.includes("was renewed")), 1)
    }))

  it.effect("A-04 a new credential is saved before it is used, readable by its owner only", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem
      const dataDir = yield* fs.makeTempDirectoryScoped()
      assert.isTrue(Option.isNone(yield* readMachineFile(dataDir)))
      yield* saveMachineFile(dataDir, file)
      const options = { dataDir, serverUrl: file.server_url, clientVersion: "0.1.0", secret: undefined }
      const context = yield* Layer.build(
        layerMachineAccess(file, options).pipe(Layer.provide(Layer.succeed(Identity, identity)))
      )
      const machine = yield* Effect.provideContext(MachineAccess, context)
      const next = Redacted.make(`mdt_${"b".repeat(40)}`)
      yield* machine!.renewed(next, 60 * day)
      assert.strictEqual(machine!.current(), next)
      const saved = Option.getOrThrow(yield* readMachineFile(dataDir))
      assert.strictEqual(Redacted.value(saved.credential), Redacted.value(next))
      assert.strictEqual(saved.expires_at, 60 * day)
      // Half of the time, less up to a tenth of that.
      assert.isTrue(saved.renew_at > 26 * day && saved.renew_at <= 30 * day)
      assert.strictEqual((yield* fs.stat(machineFile(dataDir))).mode & 0o777, 0o600)
      // A disk that takes nothing leaves the old one in use.
      yield* fs.remove(dataDir, { recursive: true })
      yield* fs.writeFileString(dataDir, "")
      const failed = yield* Effect.flip(machine!.renewed(Redacted.make("mdt_c"), 90 * day))
      assert.match(failed.message, /^the machine's credential cannot be kept in /)
      assert.strictEqual(machine!.current(), next)
      yield* fs.remove(dataDir)
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.effect("A-04 a file of another form is an error with what to do, never a machine that has not joined", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem
      const dataDir = yield* fs.makeTempDirectoryScoped()
      yield* fs.writeFileString(machineFile(dataDir), "{\"credential\":\"mdt_\"}")
      const failed = yield* Effect.flip(readMachineFile(dataDir))
      assert.match(failed.message, /machine\.json: it is not valid; join again: muster join$/)
    }).pipe(Effect.provide(NodeFileSystem.layer)))
})
