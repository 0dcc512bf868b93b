/** A shorter text is too short to judge. */
const shortest = 32

/** The maximum share of characters that do not occur in text. */
const share = 0.1

// oxlint-disable-next-line no-control-regex
const foreign = /[\u0000-\u0007\u000E-\u001A\u001C-\u001F\uFFFD]/g

/**
 * Whether text was a binary file before a daemon read it as text: a Go daemon turns each byte that is not UTF-8 into
 * U+FFFD. The content cannot be restored.
 */
export const wasBinary = (text: string): boolean =>
  text.length >= shortest && (text.match(foreign)?.length ?? 0) > share * text.length
