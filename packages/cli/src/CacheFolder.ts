import { readdirSync, rmSync, statSync } from "node:fs"
import { isAbsolute, join } from "node:path"

type Variables = Readonly<Record<string, string | undefined>>

/** The user's folder for caches. Source: XDG Base Directory 0.8; Apple's and Microsoft's conventions. */
const userFolder = (env: Variables, platform: string) => {
  const given = env["XDG_CACHE_HOME"] ?? ""
  if (isAbsolute(given)) return given
  if (platform === "win32") return env["LOCALAPPDATA"]
  const home = env["HOME"] ?? ""
  return home === "" ? undefined : join(home, ...platform === "darwin" ? ["Library", "Caches"] : [".cache"])
}

/** Returns the folder of the compiled code of each version of this CLI; undefined if the environment names no home folder. */
export const compileCache = (env: Variables, platform: string): string | undefined => {
  const folder = userFolder(env, platform)
  return folder === undefined ? undefined : join(folder, "muster", "compiled")
}

/** Returns the folder into which the single executable unpacks itself; undefined likewise. */
export const programCache = (env: Variables, platform: string): string | undefined => {
  const folder = userFolder(env, platform)
  return folder === undefined ? undefined : join(folder, "muster", "programs")
}

/** How many versions a cache keeps: one that still runs loads its parts when it needs them. */
const maxVersions = 3

/** Removes all but the latest entries of a cache that has one per version. Another process may remove them at the same time. */
export const keepLatest = (cache: string): void => {
  const found = readdirSync(cache).map((name) => {
    const path = join(cache, name)
    return { path, time: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }
  })
  for (const { path } of found.toSorted((a, b) => b.time - a.time).slice(maxVersions)) {
    rmSync(path, { recursive: true, force: true })
  }
}
