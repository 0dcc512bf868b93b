import { type TaskEvent, TextCuts } from "@muster/domain"

/** A text within its bound, and the event that says what is missing; none: nothing is. */
export interface Bounded {
  readonly text: string
  readonly notices: ReadonlyArray<TaskEvent.Body>
}

/** The start of a text of at most `max` bytes. `what`: whose text it is, as the subject of a sentence. */
export const bounded = (what: string, text: string, max: number): Bounded => {
  const kept = TextCuts.headOf(text, max)
  if (kept.length === text.length) return { text, notices: [] }
  const of = `it has ${Buffer.byteLength(text)} bytes, of which the first ${Buffer.byteLength(kept)} are kept`
  return { text: kept, notices: [{ kind: "notice", text: `${what} is cut: ${of}` }] }
}
