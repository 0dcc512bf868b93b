/**
 * The header in which a daemon lists, separated by commas, what it can do beyond v0.3.1. Source: the reference since v0.4.25,
 * `X-Client-Capabilities`.
 */
export const header = "x-client-capabilities"

/** The header with which every daemon since v0.3.1 names itself: `daemon`. Source: `docs/protocol.md` 1.4. */
export const platformHeader = "x-client-platform"

/** What our daemon can do beyond v0.3.1, besides what its beats say. */
export const daemonCapabilities: ReadonlyArray<string> = ["ping"]

/** The most capabilities of one daemon that are kept, and the most characters of one. */
const maxCapabilities = 32
const word = /^[a-z0-9][a-z0-9._-]{0,63}$/

/**
 * What a daemon says that it can do. Undefined for a client that does not name itself a daemon: then nothing is known. Words
 * that are none, and those beyond the 32nd, are left out.
 */
export const read = (
  headers: Readonly<Record<string, string | undefined>>
): ReadonlyArray<string> | undefined => {
  if (headers[platformHeader] !== "daemon") return undefined
  const words = (headers[header] ?? "").split(",").map((text) => text.trim().toLowerCase())
  return [...new Set(words.filter((text) => word.test(text)))].slice(0, maxCapabilities)
}

/** Whether the daemon of a runtime is known not to have a capability; false where it never said what it has. */
export const lacks = (metadata: Readonly<Record<string, unknown>>, capability: string): boolean => {
  const has = metadata["capabilities"]
  return Array.isArray(has) && !has.includes(capability)
}

/** The version of a runtime's daemon, as it said; empty where it said none. */
export const daemonVersionOf = (metadata: Readonly<Record<string, unknown>>): string => {
  const version = metadata["cli_version"]
  return typeof version === "string" ? version : ""
}
