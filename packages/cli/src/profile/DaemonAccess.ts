import { type MachineFile, readMachineFile } from "@muster/daemon"
import { Effect, Option, type Redacted } from "effect"
import { Failure } from "../failure/Failure.ts"
import { connection, environment } from "./Connection.ts"
import { serverUrl } from "./ServerUrl.ts"

/** The server that a daemon connects to, and its credential. */
interface DaemonAccess {
  readonly url: string
  readonly token: Redacted.Redacted
  /** The source of the credential, for messages: `MUSTER_TOKEN`, `the profile` or `machine.json`. */
  readonly tokenFrom: string
  /** The machine's credential, if it joined. */
  readonly machine: MachineFile | undefined
}

const personal = Effect.map(connection, (to): DaemonAccess => ({ ...to, machine: undefined }))

/** The credential of a data folder; none if the machine has not joined. */
export const joinedMachine = (dataDir: string) =>
  Effect.mapError(readMachineFile(dataDir), ({ message }) =>
    new Failure({
      class: "cannotStart",
      code: "machine_file_unusable",
      sentence: message,
      next: "check that you own the file, or remove it and join again: muster join"
    }))

/**
 * The server and the credential of the daemon of a data folder: from MUSTER_TOKEN, else the machine's own credential, else
 * the profile's token.
 */
export const daemonAccess = Effect.fnUntraced(function*(dataDir: string) {
  const given = yield* environment
  if (Option.isSome(given.token)) return yield* personal
  const machine = Option.getOrUndefined(yield* joinedMachine(dataDir))
  if (machine === undefined) return yield* personal
  const { credential: token, server_url: url } = machine
  // A credential is sent only to the server that it is from.
  if (Option.isSome(given.url) && (yield* serverUrl(given.url.value, "MUSTER_SERVER_URL")) !== url) {
    return yield* new Failure({
      class: "refused",
      code: "joined_elsewhere",
      sentence: `this machine joined ${url}, but MUSTER_SERVER_URL is ${given.url.value}`,
      next: "unset MUSTER_SERVER_URL, or join that server: muster join"
    })
  }
  const access: DaemonAccess = { url, token, tokenFrom: "machine.json", machine }
  return access
})
