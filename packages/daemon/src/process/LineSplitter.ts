/** Cuts a byte stream into lines, with a bound on all of it. */
export class LineSplitter {
  readonly maxBytes: number
  private rest: Buffer = Buffer.alloc(0)
  private seen = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  /** The lines that `chunk` completes, or undefined from the first byte beyond the bound. */
  push(chunk: Buffer): ReadonlyArray<string> | undefined {
    this.seen += chunk.length
    if (this.seen > this.maxBytes) return undefined
    const all = Buffer.concat([this.rest, chunk])
    const end = all.lastIndexOf(0x0a)
    // A line's bytes are decoded together, so that no character is halved by a chunk's end.
    this.rest = all.subarray(end + 1)
    return end < 0 ? [] : all.toString("utf8", 0, end).split("\n")
  }

  /** What came after the last line's end. */
  get unfinished(): string {
    return this.rest.toString("utf8")
  }
}
