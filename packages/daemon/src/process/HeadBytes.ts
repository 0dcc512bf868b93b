/** The first `limit` bytes of a stream, and whether there were more. */
export class HeadBytes {
  readonly limit: number
  private readonly chunks: Array<Buffer> = []
  private size = 0
  private cut = false

  constructor(limit: number) {
    this.limit = limit
  }

  /** Keeps what fits. False from the first byte that does not. */
  push(chunk: Buffer): boolean {
    const room = this.limit - this.size
    if (chunk.length > room) this.cut = true
    const kept = chunk.subarray(0, room)
    if (kept.length > 0) this.chunks.push(kept)
    this.size += kept.length
    return !this.cut
  }

  get truncated(): boolean {
    return this.cut
  }

  text(): string {
    return Buffer.concat(this.chunks).toString("utf8")
  }
}
