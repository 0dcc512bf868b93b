import { Context, DateTime, Effect, Layer, Option, Semaphore } from "effect"
import { SecureRandom } from "effect/crypto"
import { FileSystem } from "effect/FileSystem"
import { hostname } from "node:os"
import { HostEnvironment } from "../process/HostEnvironment.ts"
import { daemonId, replaceDaemonId } from "./DaemonIdFile.ts"
import { fingerprintOf, machineMark } from "./MachineMark.ts"
import { legacyIds } from "./Names.ts"
import { TakeOwnId } from "./OwnId.ts"

const looksLikeZone = /^(UTC|[A-Za-z_]+(\/[A-Za-z0-9_+-]+)+)$/

/** Zones that need no look into the tables of time zones, which are megabytes in memory. */
const universal = new Set(["UTC", "Etc/UTC"])

const isZone = (zone: string) =>
  universal.has(zone) || (looksLikeZone.test(zone) && Option.isSome(DateTime.zoneMakeNamed(zone)))

/** Returns the first candidate that is a known IANA zone (Area/City or UTC), else `UTC`. Asks for one only if those before are not. */
export const chooseTimezone = (candidates: ReadonlyArray<() => string | undefined>): string => {
  for (const candidate of candidates) {
    const zone = candidate()?.trim() ?? ""
    if (isZone(zone)) return zone
  }
  return "UTC"
}

export interface IdentityOptions {
  readonly dataDir: string
  /** The machine's display name. Default: its host name. */
  readonly deviceName?: string
  /** The version of this build, such as `0.1.0`. */
  readonly clientVersion: string
  /** What started the daemon; empty for a person. */
  readonly launchedBy?: string
}

/** The identity of this daemon, the same after a restart. Source: `docs/protocol.md` 13.2. */
export class Identity extends Context.Service<Identity, {
  /** The current id: `TakeOwnId` changes it. */
  readonly daemonId: string
  /** A random name of this process; see `Instances` of the domain. */
  readonly instance: string
  readonly deviceName: string
  readonly legacyIds: ReadonlyArray<string>
  /** IANA zone. */
  readonly timezone: string
  readonly clientVersion: string
  readonly launchedBy: string
  /** See `fingerprintOf`; absent: the machine has no mark. */
  readonly fingerprint?: string | undefined
}>()("@muster/daemon/identity/Identity") {
  static readonly layer = (options: IdentityOptions) =>
    Layer.effectContext(
      Effect.gen(function*() {
        const fs = yield* FileSystem
        const environment = yield* HostEnvironment
        const host = yield* Effect.sync(() => hostname())
        const machine = yield* machineMark()
        let id = yield* daemonId(options.dataDir, machine)
        const machineZone = yield* Effect.option(fs.readFileString("/etc/timezone"))
        const identity: Identity["Service"] = {
          get daemonId() {
            return id
          },
          instance: yield* Effect.sync(() => SecureRandom.uuidV4Unsafe()),
          deviceName: options.deviceName?.trim() || host,
          legacyIds: legacyIds(host, id),
          timezone: chooseTimezone([
            () => environment["TZ"],
            () => Option.getOrUndefined(machineZone),
            () => Intl.DateTimeFormat().resolvedOptions().timeZone
          ]),
          clientVersion: options.clientVersion,
          launchedBy: options.launchedBy ?? "",
          fingerprint: machine === undefined ? undefined : fingerprintOf(machine)
        }

        const first = id
        const turn = yield* Semaphore.make(1)
        const takeOwnId = replaceDaemonId(options.dataDir, machine).pipe(
          Effect.tap((made) => {
            id = made
            return Effect.logWarning(
              "another machine uses the id of this daemon, since its data folder was copied; " +
                "registering the runtimes again with an id of their own"
            ).pipe(Effect.annotateLogs({ old_daemon_id: first, daemon_id: made }))
          }),
          Effect.asVoid,
          Effect.provideService(FileSystem, fs)
        )
        // Only once: the acks of the daemon's other runtimes report the same.
        const once = turn.withPermit(Effect.suspend(() => id === first ? takeOwnId : Effect.void))
        return Context.make(Identity, identity).pipe(Context.add(TakeOwnId, once))
      })
    )
}
