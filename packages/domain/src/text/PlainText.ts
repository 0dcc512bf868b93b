/**
 * Control characters (C0, DEL, C1), line separators, and characters that change the direction of the following text.
 */
// oxlint-disable-next-line no-control-regex
const odd = /[\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/
const oddOnes = new RegExp(odd, "g")

/**
 * Whether a text, trimmed, is one line without control and direction characters, so that it displays the same
 * everywhere.
 */
export const isPlainText = (text: string): boolean => !odd.test(text.trim())

/** The beginning of a text, at most `max` UTF-16 units, without half a character at the end. */
export const cut = (text: string, max: number): string => {
  const end = text.codePointAt(max - 1) ?? 0
  return text.length <= max ? text : text.slice(0, end > 0xFFFF ? max - 1 : max)
}

/** A text as one line: trimmed, each break or tab a space, other control and direction characters removed, cut. */
export const plainText = (text: string, max: number): string =>
  cut(text.trim().replace(/[\t\n\r]+/g, " ").replace(oddOnes, ""), max).trim()
