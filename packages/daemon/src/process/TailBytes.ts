/** The last `limit` bytes of a stream: a complaint is at the end. Holds `2 × limit` bytes and copies each byte twice at most. */
export class TailBytes {
  readonly limit: number
  private readonly space: Buffer
  private length = 0

  constructor(limit: number) {
    this.limit = limit
    this.space = Buffer.alloc(2 * limit)
  }

  push(chunk: Buffer): void {
    const tail = chunk.subarray(Math.max(0, chunk.length - this.limit))
    if (this.length + tail.length > this.space.length) {
      this.space.copyWithin(0, this.length - this.limit, this.length)
      this.length = this.limit
    }
    this.space.set(tail, this.length)
    this.length += tail.length
  }

  /** The text; a character that the cut halved is left out. */
  text(): string {
    let start = Math.max(0, this.length - this.limit)
    // Where bytes were cut off before it, it may begin within a character, which has three more bytes at most.
    const end = this.length >= this.limit ? Math.min(start + 3, this.length) : start
    while (start < end && (this.space[start]! & 0xc0) === 0x80) start++
    return this.space.toString("utf8", start, this.length)
  }
}
