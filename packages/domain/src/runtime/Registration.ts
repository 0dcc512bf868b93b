import type { DaemonId } from "../access/DaemonId.ts"
import type { UserId, WorkspaceId } from "../access/Identity.ts"
import { plainText } from "../text/PlainText.ts"
import type { RuntimeStatus } from "./Runtime.ts"

/** How many runtimes a workspace may have: the maximum of one list. */
export const maxRuntimes = 10_000

/**
 * How many runtimes one registration may carry (further ones are left out), and how many older daemon ids (more are
 * refused).
 */
export const maxRuntimesPerRegistration = 100
export const maxLegacyIds = 100

/** One CLI of a registration, after the protocol's defaults were applied. */
export interface RegisteredRuntime {
  readonly provider: string
  readonly name: string
  readonly status: RuntimeStatus
  readonly deviceInfo: string
  readonly metadata: {
    readonly version: string
    readonly cli_version: string
    readonly launched_by: string
    /** Absent: the daemon does not report its capabilities. */
    readonly capabilities?: ReadonlyArray<string>
    /** Absent: the daemon did not say that it cannot give this CLI work. */
    readonly runs_tasks?: false
  }
}

/** A daemon's report of the CLIs on its machine, for one workspace. */
export interface Registration {
  readonly workspaceId: WorkspaceId
  readonly daemonId: DaemonId
  /**
   * Earlier ids of the same daemon: their rows are merged into the new ones where `mayMerge` allows. Compared without
   * regard to case. Empty for a daemon token, which is valid for one id.
   */
  readonly legacyDaemonIds: ReadonlyArray<string>
  /** Kept at insert only. */
  readonly timezone: string
  /** The person who registers, who becomes the owner; null: a daemon token, which keeps the owner. */
  readonly owner: UserId | null
  readonly runtimes: ReadonlyArray<RegisteredRuntime>
  /** The machine is ephemeral, and so are these runtimes; absent: it is not. */
  readonly ephemeral?: boolean
}

/** The fields that a daemon sends for one CLI. */
export interface RegistrationEntry {
  readonly name: string
  readonly type: string
  readonly version: string
  readonly status: string
  readonly runsTasks: boolean
}

const cut = plainText

/**
 * The protocol's defaults for one entry of a registration. Source:
 * `docs/protocol.md` 5.2, "Server processing per runtime".
 */
export const registeredRuntime = (
  entry: RegistrationEntry,
  daemon: {
    readonly deviceName: string
    readonly cliVersion: string
    readonly launchedBy: string
    readonly capabilities?: ReadonlyArray<string> | undefined
  }
): RegisteredRuntime => {
  const provider = cut(entry.type, 100) || "unknown"
  const device = cut(daemon.deviceName, 256)
  const version = cut(entry.version, 256)
  return {
    provider,
    name: cut(entry.name, 256) || (device === "" ? provider : `${provider} (${device})`),
    status: entry.status === "offline" ? "offline" : "online",
    deviceInfo: [device, version].filter((part) => part !== "").join(" · "),
    metadata: {
      version,
      cli_version: cut(daemon.cliVersion, 100),
      launched_by: cut(daemon.launchedBy, 100),
      ...(daemon.capabilities === undefined ? {} : { capabilities: daemon.capabilities }),
      ...(!entry.runsTasks && { runs_tasks: false as const })
    }
  }
}
