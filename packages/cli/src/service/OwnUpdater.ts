import { HostEnvironment, installationOf, installer } from "@muster/daemon"
import { Deferred, Effect } from "effect"
import { realpathSync } from "node:fs"
import { isSea } from "node:sea"
import { version } from "../Version.ts"

const realPath = (path: string) => Effect.orElseSucceed(Effect.try(() => realpathSync(path)), () => path)

/** How this program is updated, and whether it must restart afterwards. */
export const ownUpdater = Effect.gen(function*() {
  const host = yield* HostEnvironment
  const wanted = yield* Deferred.make<void>()
  const installation = installationOf({
    main: yield* realPath(process.argv[1] ?? ""),
    executable: yield* realPath(process.execPath),
    isSingleFile: isSea()
  })
  return {
    updater: {
      version,
      install: installer(host, installation),
      restart: Effect.asVoid(Deferred.succeed(wanted, undefined))
    },
    restartWanted: Deferred.await(wanted),
    isRestartWanted: Effect.sync(() => Deferred.isDoneUnsafe(wanted))
  }
})
