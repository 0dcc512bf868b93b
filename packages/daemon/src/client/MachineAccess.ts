import { Context, type Effect, type Redacted } from "effect"
import type { MachineFile, MachineFileUnusable } from "../identity/MachineFile.ts"

/** What the server said of this machine last. */
export interface OwnMachine {
  readonly name: string
  /** The note of a drain; null: it is not drained. */
  readonly draining: string | null
}

/** The credential of a machine that joined, as this process uses it. It changes when it is renewed. */
export interface MachineAccess {
  readonly file: () => MachineFile
  readonly current: () => Redacted.Redacted
  /** See `fingerprintOf`; undefined: the machine has none. */
  readonly fingerprint: string | undefined
  /** Saves a renewed credential, and then uses it. `expiresAt`: epoch ms. */
  readonly renewed: (credential: Redacted.Redacted, expiresAt: number) => Effect.Effect<void, MachineFileUnusable>
  /** A call found that the server refuses the credential. */
  readonly refused: Effect.Effect<void>
  /** Waits until `refused` was called. */
  readonly awaitRefusal: Effect.Effect<void>
  /** Forgets earlier calls of `refused`. */
  readonly clearRefusals: Effect.Effect<void>
  /** Joins again where there is a join key. False: there is none, or it admits this machine no longer. */
  readonly rejoin: Effect.Effect<boolean>
  readonly own: () => OwnMachine | undefined
  readonly setOwn: (own: OwnMachine) => void
}

/** Undefined: the daemon uses a token that it was given, of a person or a daemon. */
export const MachineAccess = Context.Reference<MachineAccess | undefined>("@muster/daemon/client/MachineAccess", {
  defaultValue: () => undefined
})
