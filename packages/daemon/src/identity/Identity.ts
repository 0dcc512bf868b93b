import { Context, Effect, Layer } from "effect"
import { FileSystem } from "effect/FileSystem"
import { hostname } from "node:os"
import { HostEnvironment } from "../process/HostEnvironment.ts"
import { daemonId } from "./DaemonIdFile.ts"
import { legacyIds } from "./LegacyIds.ts"
import { machineMark } from "./MachineMark.ts"
import { chooseTimezone } from "./Timezone.ts"

export interface IdentityOptions {
  readonly dataDir: string
  /** The machine's name for people; its host name where left out. */
  readonly deviceName?: string
  /** The version of this build, such as `0.1.0`. */
  readonly clientVersion: string
  /** What started the daemon; empty for a person. */
  readonly launchedBy?: string
}

/** Who this daemon is, the same from start to start. Source: `wire.md` 13.2. */
export class Identity extends Context.Service<Identity, {
  readonly daemonId: string
  readonly deviceName: string
  readonly legacyIds: ReadonlyArray<string>
  /** IANA zone. */
  readonly timezone: string
  readonly clientVersion: string
  readonly launchedBy: string
}>()("@muster/daemon/identity/Identity") {
  static readonly layer = (options: IdentityOptions) =>
    Layer.effect(
      this,
      Effect.gen(function*() {
        const fs = yield* FileSystem
        const environment = yield* HostEnvironment
        const host = yield* Effect.sync(() => hostname())
        const id = yield* daemonId(options.dataDir, yield* machineMark())
        const machineZone = yield* Effect.option(fs.readFileString("/etc/timezone"))
        return {
          daemonId: id,
          deviceName: options.deviceName?.trim() || host,
          legacyIds: legacyIds(host, id),
          timezone: chooseTimezone([
            environment["TZ"],
            machineZone._tag === "Some" ? machineZone.value : undefined,
            Intl.DateTimeFormat().resolvedOptions().timeZone
          ]),
          clientVersion: options.clientVersion,
          launchedBy: options.launchedBy ?? ""
        }
      })
    )
}
