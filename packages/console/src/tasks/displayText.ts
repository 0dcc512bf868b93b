// oxlint-disable no-control-regex

/** Escape sequences of terminals: colors and movements (CSI), titles and links (OSC), and two-character ones. */
const escapes = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]{0,2048}(?:\u0007|\u001B\\)|[@-Z\\-_])/g

/** Control characters besides tab and line break, line separators, and marks of text direction. */
const odd = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/g

/** What a terminal shows of a line in which the cursor went back to the start: the text behind the last return. */
const lastOfLine = (line: string): string => line.slice(line.lastIndexOf("\r") + 1)

/**
 * Untrusted text of several lines for display: without escape sequences of terminals; other control characters and marks of
 * text direction are shown as `�`, since they could make a text look like another one.
 */
export const displayText = (text: string): string =>
  text.replaceAll(escapes, "").replaceAll("\r\n", "\n").split("\n").map(lastOfLine).join("\n").replaceAll(odd, "\uFFFD")

/** The same as one line. */
export const displayLine = (text: string): string => displayText(text).replaceAll(/\s*\n\s*/g, " ").trim()
