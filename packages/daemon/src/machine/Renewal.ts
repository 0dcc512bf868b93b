import { Conditions, supervised } from "@muster/kit"
import { Clock, Effect, Layer, Schedule } from "effect"
import { CredentialApi } from "../client/CredentialApi.ts"
import { MachineAccess } from "../client/MachineAccess.ts"

/** How often it is looked whether the credential is due: also after a sleep of the machine, and after a failure. */
const lookEvery = "1 hour"

const condition = "renewal"

/** Renews the credential of a machine that joined at half of its time; a failure is repeated each hour until it ends. */
export const layerRenewal = Layer.effectDiscard(Effect.gen(function*() {
  const machine = yield* MachineAccess
  if (machine === undefined) return
  const server = yield* CredentialApi
  const conditions = yield* Conditions

  const renew = Effect.gen(function*() {
    const { credential, expiresAt } = yield* server.renew
    yield* machine.renewed(credential, expiresAt)
    yield* conditions.end(condition, "the machine's credential was renewed")
  }).pipe(Effect.catch(({ message }) =>
    conditions.begin(
      condition,
      `cannot renew the machine's credential, which ends on ${
        new Date(machine.file().expires_at).toISOString().slice(0, 10)
      }; trying again within an hour: ${message}`
    )
  ))
  const look = Effect.flatMap(
    Clock.currentTimeMillis,
    (now) => now < machine.file().renew_at ? Effect.void : renew
  )
  const pace = Schedule.jittered(Schedule.spaced(lookEvery))
  yield* Effect.forkScoped(supervised("credential renewal", Effect.repeat(look, pace)))
}))
