import { describe, it } from "@effect/vitest"
import { Identity, Machine } from "@muster/domain"
import { Effect } from "effect"
import { hashOf } from "../access/Fixture.ts"
import { allUnavailable } from "../runtime/Outage.ts"
import type { StoreBackend } from "../runtime/StoreBackend.ts"
import { credentialTests } from "./Credentials.ts"
import { joinedMachine, joinWith, machineScene } from "./Fixture.ts"
import { joiningTests } from "./Joining.ts"

const key = Machine.JoinKeyId.make("00000000-0000-4000-8000-000000000000")

const outage = (backend: StoreBackend): void => {
  it.effect("with the backend down every call is unavailable, never absent and never refused", () =>
    Effect.gen(function*() {
      const { a, b, newKey, newMachine, outage, user, workspace } = yield* machineScene(backend)
      const machine = yield* joinedMachine(a, newMachine(1), joinWith(1))
      yield* b.machines.find(machine.id)
      yield* outage
      for (const { machines } of [a, b]) {
        yield* allUnavailable([
          machines.add(newMachine(2)),
          machines.createKey(newKey(3)),
          machines.keys(workspace.id),
          machines.revokeKey(workspace.id, key),
          machines.join(joinWith(1)),
          machines.authenticate(hashOf(1_001)),
          machines.ended([hashOf(1_001)]),
          machines.renew(hashOf(1_001), { hash: hashOf(4), expiresAt: 0 }),
          machines.touch([hashOf(1_001)], 0),
          machines.find(machine.id),
          machines.list(workspace.id),
          machines.drainOf(workspace.id, user.id, Identity.DaemonId.make("box")),
          machines.edit(machine.id, { name: "Box" }),
          machines.leave(machine.id, null),
          machines.expire(0, 10)
        ])
      }
    }))
}

/** What every Machines does, on two nodes of one backend. */
export const machinesSuite = (backend: StoreBackend): void => {
  describe(`machines · ${backend.name}`, () => {
    joiningTests(backend)
    credentialTests(backend)
    outage(backend)
  })
}
