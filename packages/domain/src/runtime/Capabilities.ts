/**
 * The header in which a daemon lists, separated by commas, its capabilities beyond v0.3.1. Source: the reference since
 * v0.4.25, `X-Client-Capabilities`.
 */
export const header = "x-client-capabilities"

/** The header with which every daemon since v0.3.1 names itself: `daemon`. Source: `docs/protocol.md` 1.4. */
export const platformHeader = "x-client-platform"

/** The capabilities of our daemon beyond v0.3.1, besides those in its beats. */
export const daemonCapabilities: ReadonlyArray<string> = ["ping"]

/** The maximum number of capabilities of one daemon, and the maximum characters of one. */
const maxCapabilities = 32
const word = /^[a-z0-9][a-z0-9._-]{0,63}$/

/**
 * The capabilities that a daemon reports. Undefined: the client does not name itself a daemon, so nothing is known.
 * Malformed words, and those beyond the 32nd, are left out.
 */
export const read = (
  headers: Readonly<Record<string, string | undefined>>
): ReadonlyArray<string> | undefined => {
  if (headers[platformHeader] !== "daemon") return undefined
  const words = (headers[header] ?? "").split(",").map((text) => text.trim().toLowerCase())
  return [...new Set(words.filter((text) => word.test(text)))].slice(0, maxCapabilities)
}

/** Whether the daemon of a runtime is known to lack a capability; false if it never reported its capabilities. */
export const lacks = (metadata: Readonly<Record<string, unknown>>, capability: string): boolean => {
  const has = metadata["capabilities"]
  return Array.isArray(has) && !has.includes(capability)
}

/** The reported version of a runtime's daemon, for a sentence. */
export const daemonVersionInWords = (metadata: Readonly<Record<string, unknown>>): string =>
  daemonVersionOf(metadata) || "of an unknown version"

/** The reported version of a runtime's daemon; empty: none. */
export const daemonVersionOf = (metadata: Readonly<Record<string, unknown>>): string => {
  const version = metadata["cli_version"]
  return typeof version === "string" ? version : ""
}
