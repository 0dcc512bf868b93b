import { GrowingBytes } from "@muster/domain"

/** The first `limit` bytes of a stream, and whether there were more. */
export class HeadBytes {
  readonly limit: number
  private readonly kept = new GrowingBytes()
  private cut = false

  constructor(limit: number) {
    this.limit = limit
  }

  /** Keeps what fits. False from the first byte that does not. */
  push(chunk: Buffer): boolean {
    const room = this.limit - this.kept.length
    if (chunk.length > room) this.cut = true
    this.kept.append(chunk.subarray(0, room))
    return !this.cut
  }

  get truncated(): boolean {
    return this.cut
  }

  text(): string {
    const { buffer, byteLength, byteOffset } = this.kept.view
    return Buffer.from(buffer, byteOffset, byteLength).toString("utf8")
  }
}
