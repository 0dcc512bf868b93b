import { Effect, Layer, Queue, type Redacted } from "effect"
import { FileSystem } from "effect/FileSystem"
import { MachineAccess, type OwnMachine } from "../client/MachineAccess.ts"
import { Identity } from "../identity/Identity.ts"
import { type MachineFile, saveMachineFile } from "../identity/MachineFile.ts"
import { joinMachine, type JoinOptions, renewAt } from "./joinMachine.ts"

/** How the machine joins again when its server has removed it; without a secret, it does not. */
export type RejoinOptions = Omit<JoinOptions, "secret"> & { readonly secret: Redacted.Redacted | undefined }

/** Returns the new credential; undefined if there is no secret, or it admits this machine no longer. */
const rejoin = ({ secret, ...options }: RejoinOptions) =>
  secret === undefined ? Effect.undefined : joinMachine({ ...options, secret }).pipe(
    Effect.map(({ file }) => file),
    Effect.tap(() => Effect.logInfo("joined the server again")),
    Effect.catch((error) => Effect.as(Effect.logDebug("cannot join again", error), undefined))
  )

/** The credential that the data folder has. It is saved there when it is renewed. */
export const layerMachineAccess = (machine: MachineFile, options: RejoinOptions) =>
  Layer.effect(
    MachineAccess,
    Effect.gen(function*() {
      const fs = yield* FileSystem
      const { fingerprint } = yield* Identity
      const refusals = yield* Queue.sliding<void>(1)
      let file = machine
      let own: OwnMachine | undefined
      return {
        file: () => file,
        current: () => file.credential,
        fingerprint,
        renewed: (credential, expiresAt) =>
          Effect.gen(function*() {
            const next = { ...file, credential, expires_at: expiresAt, renew_at: yield* renewAt(expiresAt) }
            yield* saveMachineFile(options.dataDir, next)
            file = next
          }).pipe(Effect.provideService(FileSystem, fs)),
        refused: Effect.asVoid(Queue.offer(refusals, undefined)),
        awaitRefusal: Queue.take(refusals),
        clearRefusals: Effect.asVoid(Queue.clear(refusals)),
        rejoin: rejoin(options).pipe(
          Effect.map((joined) => {
            file = joined ?? file
            return joined !== undefined
          }),
          Effect.provideService(FileSystem, fs)
        ),
        own: () => own,
        setOwn: (seen) => {
          own = seen
        }
      } satisfies MachineAccess
    })
  )
