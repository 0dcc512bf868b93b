import { GrowingBytes } from "@muster/kit"

/** The bytes that are decoded at once: Node keeps texts of 1 MB and more outside of the heap, where V8 collects them late. */
const decodedAtOnce = 512 * 1024

/** Returns the text of UTF-8 bytes, with U+FFFD for those that are none. */
export const textOf = (bytes: Uint8Array): string => {
  if (bytes.length <= decodedAtOnce) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8")
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
  let text = ""
  for (let from = 0; from < bytes.length; from += decodedAtOnce) {
    text += decoder.decode(bytes.subarray(from, from + decodedAtOnce), { stream: true })
  }
  return text + decoder.decode()
}

/** Keeps the first `limit` bytes of a stream, and whether there were more. */
export class HeadBytes {
  readonly limit: number
  private readonly kept = new GrowingBytes()
  private cut = false

  constructor(limit: number) {
    this.limit = limit
  }

  /** Adds what fits. Returns false from the first byte that does not. */
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
    return textOf(this.kept.view)
  }
}

/**
 * Keeps the last `limit` bytes of a stream, which contain the error. Holds at most `2 × limit` bytes and copies each byte at
 * most twice.
 */
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
    this.makeRoom(tail.length)
    this.space.set(tail, this.length)
    this.length += tail.length
  }

  /** Adds a text. Returns its number of bytes. */
  pushText(text: string): number {
    const bytes = Buffer.byteLength(text)
    // Each character has at least one byte. A half of a character at its start is among the bytes that `push` leaves out.
    if (bytes > this.limit) this.push(Buffer.from(text.slice(-this.limit), "utf8"))
    else {
      this.makeRoom(bytes)
      this.length += this.space.write(text, this.length, "utf8")
    }
    return bytes
  }

  private makeRoom(bytes: number): void {
    if (this.length + bytes <= this.space.length) return
    this.space.copyWithin(0, this.length - this.limit, this.length)
    this.length = this.limit
  }

  /** Returns the text without a character that was cut. */
  text(): string {
    let start = Math.max(0, this.length - this.limit)
    // If bytes before it were dropped, it may begin within a character, which has at most three more bytes.
    const end = this.length >= this.limit ? Math.min(start + 3, this.length) : start
    while (start < end && (this.space[start]! & 0xc0) === 0x80) start++
    return this.space.toString("utf8", start, this.length)
  }
}

const newline = 0x0a

/** Splits a byte stream into lines, with a bound on the whole stream. The work is proportional to the bytes. */
export class LineSplitter {
  readonly maxBytes: number
  private readonly rest = new GrowingBytes()
  private seen = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  /** Returns the lines that `chunk` completes, or undefined from the first byte beyond the bound. */
  push(chunk: Buffer): ReadonlyArray<string> | undefined {
    this.seen += chunk.length
    if (this.seen > this.maxBytes) return undefined
    const first = chunk.indexOf(newline)
    if (first < 0) {
      this.rest.append(chunk)
      return []
    }
    // A line's bytes are decoded together, so that the end of a chunk does not cut a character.
    this.rest.append(chunk.subarray(0, first))
    const line = this.unfinished
    this.rest.clear()
    const last = chunk.lastIndexOf(newline)
    this.rest.append(chunk.subarray(last + 1))
    return last === first ? [line] : [line, ...chunk.toString("utf8", first + 1, last).split("\n")]
  }

  /** The bytes after the last line's end. */
  get unfinished(): string {
    return textOf(this.rest.view)
  }
}
