import type { TaskEvent } from "@muster/domain"

/** The longest start of a text of at most `max` bytes in UTF-8 that does not end within a character. */
export const headOf = (text: string, max: number): string =>
  Buffer.byteLength(text) <= max
    ? text
    : new TextDecoder("utf-8", { ignoreBOM: true }).decode(Buffer.from(text).subarray(0, max), { stream: true })

/** Cuts a text into pieces of at most `max` UTF-16 units, between characters. An empty text has no pieces. */
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

/** A text within its bound, and the event that says what is missing; none: nothing is. */
export interface Bounded {
  readonly text: string
  readonly notices: ReadonlyArray<TaskEvent.Body>
}

/** The start of a text of at most `max` bytes. `what`: whose text it is, as the subject of a sentence. */
export const bounded = (what: string, text: string, max: number): Bounded => {
  const kept = headOf(text, max)
  if (kept.length === text.length) return { text, notices: [] }
  const of = `it has ${Buffer.byteLength(text)} bytes, of which the first ${Buffer.byteLength(kept)} are kept`
  return { text: kept, notices: [{ kind: "notice", text: `${what} is cut: ${of}` }] }
}
