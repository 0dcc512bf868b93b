/** A shorter text is too short to judge. */
const shortest = 32

/** The largest share of characters that text may have of those that no text has. */
const share = 0.1

// oxlint-disable-next-line no-control-regex
const foreign = /[\u0000-\u0007\u000E-\u001A\u001C-\u001F\uFFFD]/g

/**
 * Whether text was a binary file before a daemon read it as text, as one in Go does: each byte that is no UTF-8 comes as
 * U+FFFD. Nothing of such a file can be restored.
 */
export const wasBinary = (text: string): boolean =>
  text.length >= shortest && (text.match(foreign)?.length ?? 0) > share * text.length
