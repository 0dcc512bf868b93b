import { GrowingBytes } from "@muster/domain"

const newline = 0x0a

const textOf = ({ buffer, byteLength, byteOffset }: Uint8Array) =>
  Buffer.from(buffer, byteOffset, byteLength).toString("utf8")

/** Cuts a byte stream into lines, with a bound on all of it. The work is proportional to the bytes. */
export class LineSplitter {
  readonly maxBytes: number
  private readonly rest = new GrowingBytes()
  private seen = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  /** The lines that `chunk` completes, or undefined from the first byte beyond the bound. */
  push(chunk: Buffer): ReadonlyArray<string> | undefined {
    this.seen += chunk.length
    if (this.seen > this.maxBytes) return undefined
    const first = chunk.indexOf(newline)
    if (first < 0) {
      this.rest.append(chunk)
      return []
    }
    // A line's bytes are decoded together, so that a chunk's end halves no character.
    this.rest.append(chunk.subarray(0, first))
    const line = this.unfinished
    this.rest.clear()
    const last = chunk.lastIndexOf(newline)
    this.rest.append(chunk.subarray(last + 1))
    return last === first ? [line] : [line, ...chunk.toString("utf8", first + 1, last).split("\n")]
  }

  /** What came after the last line's end. */
  get unfinished(): string {
    return textOf(this.rest.view)
  }
}
