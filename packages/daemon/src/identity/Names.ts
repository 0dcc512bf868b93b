/**
 * Names under which the same machine may have registered before it had a daemon id: its host name with and without `.local`.
 * The server merges their rows into the new ones. Source: `docs/protocol.md` 13.2.
 *
 * Ids of other daemons on the machine are omitted on purpose: such a daemon may be running, and the two would take each other's
 * rows again and again.
 */
export const legacyIds = (hostname: string, daemonId: string): ReadonlyArray<string> => {
  const bare = hostname.trim().replace(/\.local$/i, "")
  return bare === "" ? [] : [bare, `${bare}.local`].filter((id) => id.toLowerCase() !== daemonId.toLowerCase())
}

/** Returns the name of a runtime until a person changes it: `Codex (box)`. Source: `docs/protocol.md` 5.2. */
export const runtimeName = (provider: string, deviceName: string): string =>
  `${provider.slice(0, 1).toUpperCase()}${provider.slice(1)} (${deviceName})`
