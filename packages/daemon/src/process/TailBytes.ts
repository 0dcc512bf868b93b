/** The last `limit` bytes of a stream: a complaint stands at the end. Holds at most `limit` bytes and one chunk. */
export class TailBytes {
  readonly limit: number
  private kept: Buffer = Buffer.alloc(0)

  constructor(limit: number) {
    this.limit = limit
  }

  push(chunk: Buffer): void {
    const all = chunk.length >= this.limit ? chunk : Buffer.concat([this.kept, chunk])
    // A copy, since a slice would keep the whole chunk alive.
    this.kept = all.length > this.limit ? Buffer.from(all.subarray(all.length - this.limit)) : all
  }

  /** The text; a character that the cut halved is left out. */
  text(): string {
    let start = 0
    if (this.kept.length === this.limit) {
      while (start < Math.min(3, this.kept.length) && (this.kept[start]! & 0xc0) === 0x80) start++
    }
    return this.kept.subarray(start).toString("utf8")
  }
}
