import { Context } from "effect"
import { delimiter, dirname } from "node:path"

export type Environment = Readonly<Record<string, string | undefined>>

/** The environment of the daemon: commands are searched in it and inherit it. Tests provide their own. */
export const HostEnvironment = Context.Reference<Environment>("@muster/daemon/process/HostEnvironment", {
  defaultValue: () => process.env
})

/**
 * Returns the environment of a CLI at `path`: the daemon's without its own variables (`MUSTER_*` contains its token), with
 * colors off and the CLI's folder on PATH.
 *
 * A CLI that only the login shell finds needs the folder: its interpreter (`#!/usr/bin/env node`) is usually in it.
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
