/**
 * Bytes that arrive in chunks. Copies at most three bytes for each byte that arrives, however small the chunks are:
 * joining all chunks again for each new one costs the square of their number. Holds at most twice its content; the caller
 * bounds that.
 */
export class GrowingBytes {
  #space: Uint8Array = new Uint8Array(0)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** The content, as a view that does not change until `drop` or `clear`. */
  get view(): Uint8Array {
    return this.#space.subarray(0, this.#length)
  }

  /** Adds a chunk, which the caller does not change afterward. */
  append(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    if (this.#length === 0) {
      // A single chunk is not copied: it fills the space, so nothing is written into it.
      this.#space = chunk
      this.#length = chunk.length
      return
    }
    const length = this.#length + chunk.length
    if (length > this.#space.length) {
      const space = new Uint8Array(2 * length)
      space.set(this.view)
      this.#space = space
    }
    this.#space.set(chunk, this.#length)
    this.#length = length
  }

  /** Removes the first `count` bytes. Views that were taken before keep their content. */
  drop(count: number): void {
    if (count === 0) return
    this.#space = this.#space.slice(count, this.#length)
    this.#length = this.#space.length
  }

  clear(): void {
    this.#space = new Uint8Array(0)
    this.#length = 0
  }
}
