import { Effect } from "effect"
import { isAbsolute } from "node:path"
import type { Environment } from "../process/HostEnvironment.ts"
import type { Provider } from "../provider/Provider.ts"
import { candidates, executablesAmong } from "./Executable.ts"
import { inLoginShell } from "./LoginShell.ts"

/** The path of a provider's CLI, the reason why it cannot be used, or its absence. */
export type Location =
  | { readonly _tag: "Here"; readonly provider: Provider; readonly path: string }
  | { readonly _tag: "Unusable"; readonly provider: Provider; readonly path: string; readonly reason: string }
  | { readonly _tag: "Absent"; readonly provider: Provider }

/** The variable that names a provider's CLI: `MUSTER_CODEX_PATH`. */
const pathVariable = (provider: Pick<Provider, "key">): string =>
  `MUSTER_${provider.key.toUpperCase().replaceAll("-", "_")}_PATH`

/** Where a provider's CLI may be: the configured path, or the first on PATH. */
interface Search {
  readonly provider: Provider
  /** Empty: not set. */
  readonly named: string
  readonly paths: ReadonlyArray<string>
}

const searchFor = (host: Environment) => (provider: Provider): Search => {
  const named = host[pathVariable(provider)]?.trim() ?? ""
  if (named === "") return { provider, named, paths: candidates(provider.command, host["PATH"]) }
  if (!named.includes("/")) return { provider, named, paths: candidates(named, host["PATH"]) }
  return { provider, named, paths: isAbsolute(named) ? [named] : [] }
}

/** A configured path is used or nothing: another CLI of the same name would be a surprise. */
const resultOf = (usable: ReadonlySet<string>) => ({ named, paths, provider }: Search): Location => {
  const path = paths.find((one) => usable.has(one))
  if (path !== undefined) return { _tag: "Here", provider, path }
  if (named === "") return { _tag: "Absent", provider }
  const why = !named.includes("/")
    ? "which is not on PATH"
    : isAbsolute(named)
    ? "which is missing or not executable"
    : "which is not an absolute path"
  return { _tag: "Unusable", provider, path: named, reason: `${pathVariable(provider)} is set to ${named}, ${why}` }
}

/** Finds the CLI of each provider by its variable, then on PATH, then, once for all others, in the login shell. */
export const locate = (
  providers: ReadonlyArray<Provider>,
  host: Environment
): Effect.Effect<ReadonlyArray<Location>> =>
  Effect.gen(function*() {
    const searches = providers.map(searchFor(host))
    const usable = yield* executablesAmong([...new Set(searches.flatMap(({ paths }) => paths))])
    const first = searches.map(resultOf(usable))
    const missing = first.flatMap((one) => one._tag === "Absent" ? [one.provider.command] : [])
    const known = yield* inLoginShell(missing, host)
    return first.map((one): Location => {
      const path = one._tag === "Absent" ? known.get(one.provider.command) : undefined
      return path === undefined ? one : { _tag: "Here", provider: one.provider, path }
    })
  })
