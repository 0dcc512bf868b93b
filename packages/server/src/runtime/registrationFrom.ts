import {
  type Credential,
  DaemonId,
  goString,
  maxRuntimesPerRegistration,
  parseUuid,
  readCapabilities,
  type RegisterBody,
  registeredRuntime,
  RegisterEntry,
  type Registration,
  siftEntries,
  textLimits,
  wireError,
  type WorkspaceId
} from "@muster/domain"
import { DateTime, Effect, Option, Schema } from "effect"

/** Returns the time zone, or `UTC` if this machine does not know it. */
const knownZone = (text: string) => text !== "" && Option.isSome(DateTime.zoneMakeNamed(text)) ? text : "UTC"

const decodeEntry = Schema.decodeUnknownResult(RegisterEntry)

/**
 * Returns the registration in a daemon's body. Refuses in the order of `docs/protocol.md` 5.2. Leaves out entries that are
 * not accepted; refuses the registration if no entry is accepted.
 */
export const registrationFrom = Effect.fnUntraced(function*(
  body: typeof RegisterBody.Type,
  caller: Credential,
  headers: Readonly<Record<string, string | undefined>>
) {
  const daemonId = goString(body.daemonId)
  const workspace = goString(body.workspaceId)
  const { kept: entries, leftOut } = siftEntries("runtimes", body.runtimes ?? [], {
    decode: decodeEntry,
    most: maxRuntimesPerRegistration
  })
  const legacy = body.legacyDaemonIds ?? []
  if (daemonId === "") return yield* wireError.required("daemon_id")
  if (workspace === "") return yield* wireError.required("workspace_id")
  if (entries.length === 0) {
    return yield* leftOut.length === 0 ? wireError.required("at least one runtime") : wireError.invalidBody()
  }
  const workspaceId = parseUuid(workspace)
  if (workspaceId === undefined) return yield* wireError.invalid("workspace_id")
  if (caller._tag === "Daemon" && caller.daemonId !== daemonId) return yield* wireError.workspaceNotFound()
  const daemon = {
    deviceName: body.deviceName ?? "",
    cliVersion: body.cliVersion ?? "",
    launchedBy: body.launchedBy ?? "",
    capabilities: readCapabilities(headers)
  }
  const registration: Registration = {
    workspaceId: workspaceId as WorkspaceId,
    daemonId: DaemonId.make(daemonId),
    // A daemon's token is valid for its own id only.
    legacyDaemonIds: (caller._tag === "Daemon" ? [] : legacy).map((id) => id.trim()).filter((id) =>
      id !== "" && id !== daemonId && id.length <= textLimits.word
    ),
    timezone: knownZone(goString(body.timezone)),
    owner: caller._tag === "User" ? caller.userId : null,
    runtimes: entries.map((entry) =>
      registeredRuntime({
        name: entry.name ?? "",
        type: entry.type ?? "",
        version: entry.version ?? "",
        status: entry.status ?? ""
      }, daemon)
    )
  }
  return { registration, leftOut }
})
