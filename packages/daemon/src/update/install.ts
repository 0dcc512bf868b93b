import { Effect } from "effect"
import type { Environment } from "../process/HostEnvironment.ts"
import { fileUpdate } from "./FileUpdate.ts"
import type { Installation } from "./Installation.ts"
import { npmUpdate } from "./NpmUpdate.ts"
import { UpdateFailed } from "./Updater.ts"

const variable = (host: Environment, name: string) => host[name]?.trim() || undefined

/** Returns how a version that was installed in this way is replaced. */
export const installer = (
  host: Environment,
  installation: Installation
): (target: string) => Effect.Effect<void, UpdateFailed> => {
  switch (installation._tag) {
    case "Npm":
      return npmUpdate({ host, installation, registry: variable(host, "MUSTER_UPDATE_REGISTRY") })
    case "SingleFile":
      return fileUpdate({ host, path: installation.path, releases: variable(host, "MUSTER_RELEASES_URL") })
    case "Fixed":
      return () => Effect.fail(new UpdateFailed({ message: installation.message }))
  }
}
