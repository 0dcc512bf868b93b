/** The longest start of a text of at most `max` bytes in UTF-8 that does not end within a character. */
export const headOf = (text: string, max: number): string => {
  const bytes = new TextEncoder().encode(text)
  return bytes.length <= max
    ? text
    : new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, max), { stream: true })
}

/** Cuts a text into pieces of at most `max` (at least 2) UTF-16 units, between characters. An empty text has no pieces. */
export const piecesOf = (text: string, max: number): ReadonlyArray<string> => {
  const pieces: Array<string> = []
  for (let from = 0; from < text.length;) {
    const isWithin = from + max < text.length && text.codePointAt(from + max - 1)! > 0xffff
    const to = from + max - (isWithin ? 1 : 0)
    pieces.push(text.slice(from, to))
    from = to
  }
  return pieces
}
