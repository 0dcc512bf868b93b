import type { LogLevel } from "effect"

/** The client went away before the answer, as every daemon does with its socket when it stops. */
const clientLeft = 499

/** How much of a response's body the log looks at, in bytes. */
export const lookedAt = 256

const phrases = ["runtime not found", "task not found"]

/**
 * The level of one access-log line. A 404 that tells a daemon its runtime or task is gone is the protocol at work, not
 * a warning. `head` is the start of the body; only its first 256 bytes count. Source: `docs/protocol.md` 10.3.
 */
export const accessLevel = (status: number, head: string): LogLevel.Severity => {
  if (status >= 500) return "Error"
  if (status < 400 || status === clientLeft) return "Info"
  if (status !== 404) return "Warn"
  const text = head.slice(0, lookedAt).toLowerCase()
  return phrases.some((phrase) => text.includes(phrase)) ? "Info" : "Warn"
}
