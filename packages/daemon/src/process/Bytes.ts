import { GrowingBytes } from "@muster/kit"

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
