import { Effect, Queue, Redacted } from "effect"
import type { MachineAccess, OwnMachine } from "../../src/client/MachineAccess.ts"
import type { MachineFile } from "../../src/identity/MachineFile.ts"

export const day = 24 * 60 * 60 * 1_000

export const file: MachineFile = {
  server_url: "http://127.0.0.1:8080",
  machine_id: "00000000-0000-4000-8000-000000000001",
  name: "box",
  daemon_id: "0192d3a0-0000-7000-8000-000000000000",
  credential: Redacted.make(`mdt_${"a".repeat(40)}`),
  expires_at: 30 * day,
  renew_at: 15 * day
}

interface Scripted extends MachineAccess {
  /** What joining again does; false: it cannot. */
  onRejoin: () => boolean
  /** What the server said last. */
  said: OwnMachine | undefined
}

/** A machine's credential in memory. */
export const machineAccess = Effect.map(Queue.sliding<void>(1), (refusals) => {
  let now = file
  const machine: Scripted = {
    onRejoin: () => false,
    said: undefined,
    file: () => now,
    current: () => now.credential,
    fingerprint: "f".repeat(64),
    renewed: (credential, expiresAt) =>
      Effect.sync(() => {
        now = { ...now, credential, expires_at: expiresAt, renew_at: expiresAt - 15 * day }
      }),
    refused: Effect.asVoid(Queue.offer(refusals, undefined)),
    awaitRefusal: Queue.take(refusals),
    clearRefusals: Effect.asVoid(Queue.clear(refusals)),
    rejoin: Effect.sync(() => machine.onRejoin()),
    own: () => machine.said,
    setOwn: (own) => {
      machine.said = own
    }
  }
  return machine
})
