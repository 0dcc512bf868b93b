import { Context } from "effect"
import { delimiter, dirname } from "node:path"

export type Environment = Readonly<Record<string, string | undefined>>

/** The environment that the daemon lives in: where commands are looked for and what they inherit. Tests provide their own. */
export const HostEnvironment = Context.Reference<Environment>("@muster/daemon/process/HostEnvironment", {
  defaultValue: () => process.env
})

/**
 * What a CLI at `path` inherits: the daemon's environment without the daemon's own variables (`MUSTER_*` carries its
 * token), colors off, and the CLI's own folder on PATH.
 *
 * The folder matters to a CLI that only the login shell knows: its interpreter (`#!/usr/bin/env node`) usually lies beside it.
 */
export const childEnvironment = (host: Environment, path: string): Record<string, string> => {
  const child: Record<string, string> = {}
  for (const [name, value] of Object.entries(host)) {
    if (value !== undefined && !name.startsWith("MUSTER_")) child[name] = value
  }
  const folders = (child["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "")
  const own = dirname(path)
  if (!folders.includes(own)) child["PATH"] = [own, ...folders].join(delimiter)
  child["NO_COLOR"] = "1"
  return child
}
