import { Effect } from "effect"
import { isAbsolute } from "node:path"
import type { Environment } from "../process/HostEnvironment.ts"
import type { Provider } from "../provider/Provider.ts"
import { isExecutable, onPath } from "./Executable.ts"
import { inLoginShell } from "./LoginShell.ts"

/** Where a provider's CLI is, why it cannot be used, or that it is not here. */
export type Location =
  | { readonly _tag: "Here"; readonly provider: Provider; readonly path: string }
  | { readonly _tag: "Unusable"; readonly provider: Provider; readonly path: string; readonly reason: string }
  | { readonly _tag: "Absent"; readonly provider: Provider }

/** The variable that names a provider's CLI: `MUSTER_CODEX_PATH`. */
export const pathVariable = (provider: Pick<Provider, "key">): string =>
  `MUSTER_${provider.key.toUpperCase().replaceAll("-", "_")}_PATH`

/** A path that somebody named is that one or none: another CLI of the same name would be a surprise. */
const named = (provider: Provider, path: string, host: Environment): Effect.Effect<Location> =>
  Effect.gen(function*() {
    const variable = pathVariable(provider)
    const unusable = (why: string): Location => ({
      _tag: "Unusable",
      provider,
      path,
      reason: `${variable} is set to ${path}, ${why}`
    })
    if (!path.includes("/")) {
      const found = yield* onPath(path, host["PATH"])
      return found === undefined ? unusable("which is not on PATH") : { _tag: "Here", provider, path: found }
    }
    if (!isAbsolute(path)) return unusable("which is not an absolute path")
    return (yield* isExecutable(path))
      ? { _tag: "Here", provider, path }
      : unusable("which is missing or not executable")
  })

const search = (provider: Provider, host: Environment): Effect.Effect<Location> =>
  Effect.map(
    onPath(provider.command, host["PATH"]),
    (path) => path === undefined ? { _tag: "Absent", provider } : { _tag: "Here", provider, path }
  )

/** Finds the CLI of each provider: the variable that names it, then PATH, then once for all others the login shell. */
export const locate = (
  providers: ReadonlyArray<Provider>,
  host: Environment
): Effect.Effect<ReadonlyArray<Location>> =>
  Effect.gen(function*() {
    const first = yield* Effect.forEach(providers, (provider) => {
      const path = host[pathVariable(provider)]?.trim() ?? ""
      return path === "" ? search(provider, host) : named(provider, path, host)
    }, { concurrency: 8 })
    const missing = first.flatMap((one) => one._tag === "Absent" ? [one.provider.command] : [])
    const known = yield* inLoginShell(missing, host)
    return first.map((one): Location => {
      const path = one._tag === "Absent" ? known.get(one.provider.command) : undefined
      return path === undefined ? one : { _tag: "Here", provider: one.provider, path }
    })
  })
