import type { LogLevel } from "effect"

/** The client disconnected before the response, as every daemon does with its socket when it stops. */
export const clientLeft = 499

/** How much of a response's body the log reads, in bytes. */
export const lookedAt = 256

const phrases = ["runtime not found", "task not found"]

/**
 * Returns the level of one access-log line. A 404 that reports a gone runtime or task to a daemon is part of the protocol
 * and no warning. `head` is the start of the body; only its first 256 bytes count. Source: `docs/protocol.md` 10.3.
 */
export const accessLevel = (status: number, head: string): LogLevel.Severity => {
  if (status >= 500) return "Error"
  if (status < 400 || status === clientLeft) return "Info"
  if (status !== 404) return "Warn"
  const text = head.slice(0, lookedAt).toLowerCase()
  return phrases.some((phrase) => text.includes(phrase)) ? "Info" : "Warn"
}
