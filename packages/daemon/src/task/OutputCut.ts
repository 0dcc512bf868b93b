import { TaskEvent, TextCuts } from "@muster/domain"
import { TailBytes } from "../process/Bytes.ts"

/** A piece of the output of one tool call. */
export type OutputPiece =
  | { readonly _tag: "Text"; readonly offset: number; readonly text: string }
  /** Bytes that are not kept. */
  | { readonly _tag: "Gap"; readonly bytes: number }

/**
 * The output of one tool call: the first `keptOutput` bytes are passed on as they come, the last `keptOutput` at the end, and
 * what lies between is counted. Holds at most twice `keptOutput` bytes.
 */
export class OutputCut {
  private readonly limit: number
  private seen = 0
  private passed = 0
  private tail: TailBytes | undefined

  constructor(limit = TaskEvent.keptOutput) {
    this.limit = limit
  }

  /** Takes a chunk. Returns what of it is passed on now. Copies at most what is kept: a chunk may have many MiB. */
  push(text: string): OutputPiece | undefined {
    const room = this.limit - this.passed
    const head = this.tail !== undefined || room <= 0
      ? ""
      : Buffer.byteLength(text) <= room
      ? text
      : TextCuts.headOf(text.slice(0, room), room)
    if (head.length < text.length) this.seen += this.rest.pushText(text.slice(head.length))
    if (head === "") return undefined
    const piece = { _tag: "Text", offset: this.passed, text: head } as const
    this.passed += Buffer.byteLength(head)
    this.seen += Buffer.byteLength(head)
    return piece
  }

  /** The end of the output: a gap, if anything is missing, and the last bytes. */
  end(): ReadonlyArray<OutputPiece> {
    if (this.tail === undefined) return []
    const text = this.tail.text()
    const offset = this.seen - Buffer.byteLength(text)
    const missing = offset - this.passed
    this.tail = undefined
    this.passed = this.seen
    return [
      ...(missing > 0 ? [{ _tag: "Gap", bytes: missing } as const] : []),
      ...(text === "" ? [] : [{ _tag: "Text", offset, text } as const])
    ]
  }

  private get rest(): TailBytes {
    return this.tail ??= new TailBytes(this.limit)
  }
}
