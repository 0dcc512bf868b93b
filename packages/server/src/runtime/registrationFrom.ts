import { Api, BoundedText, Capabilities, Codec, Identity, Registration, Sift, Uuid, WireError } from "@muster/domain"
import { DateTime, Effect, Option, Schema } from "effect"

/** Returns the time zone, or `UTC` if this machine does not know it. */
const knownZone = (text: string) => text !== "" && Option.isSome(DateTime.zoneMakeNamed(text)) ? text : "UTC"

const decodeEntry = Schema.decodeUnknownResult(Api.RegisterEntry)

/**
 * Returns the registration in a daemon's body. Refuses in the order of `docs/protocol.md` 5.2. Leaves out entries that are
 * not accepted; refuses the registration if no entry is accepted.
 */
export const registrationFrom = Effect.fnUntraced(function*(
  body: typeof Api.RegisterBody.Type,
  caller: Identity.Credential,
  headers: Readonly<Record<string, string | undefined>>
) {
  const daemonId = Codec.goString(body.daemonId)
  const workspace = Codec.goString(body.workspaceId)
  const { kept: entries, leftOut } = Sift.siftEntries("runtimes", body.runtimes ?? [], {
    decode: decodeEntry,
    max: Registration.maxRuntimesPerRegistration
  })
  const legacy = body.legacyDaemonIds ?? []
  if (daemonId === "") return yield* WireError.required("daemon_id")
  if (workspace === "") return yield* WireError.required("workspace_id")
  if (entries.length === 0) {
    return yield* leftOut.length === 0 ? WireError.required("at least one runtime") : WireError.invalidBody()
  }
  const workspaceId = Uuid.parse(workspace)
  if (workspaceId === undefined) return yield* WireError.invalid("workspace_id")
  if (caller._tag === "Daemon" && caller.daemonId !== daemonId) return yield* WireError.workspaceNotFound()
  const daemon = {
    deviceName: body.deviceName ?? "",
    cliVersion: body.cliVersion ?? "",
    launchedBy: body.launchedBy ?? "",
    capabilities: Capabilities.read(headers)
  }
  const registration: Registration.Registration = {
    workspaceId: workspaceId as Identity.WorkspaceId,
    daemonId: Identity.DaemonId.make(daemonId),
    // The credential of a daemon or a machine is valid for its own id only.
    legacyDaemonIds: (caller._tag === "User" ? legacy : []).map((id) => id.trim()).filter((id) =>
      id !== "" && id !== daemonId && id.length <= BoundedText.textLimits.word
    ),
    timezone: knownZone(Codec.goString(body.timezone)),
    owner: caller._tag === "Daemon" ? null : caller.userId,
    ephemeral: caller._tag === "Machine" && caller.ephemeral,
    runtimes: entries.map((entry) =>
      Registration.registeredRuntime({
        name: entry.name ?? "",
        type: entry.type ?? "",
        version: entry.version ?? "",
        status: entry.status ?? "",
        runsTasks: entry.runs_tasks ?? true
      }, daemon)
    )
  }
  return { registration, leftOut }
})
