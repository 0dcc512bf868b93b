import { Effect, Option } from "effect"
import type { FileSystem } from "effect/FileSystem"

/** How many bytes of a file decide whether it is text. */
const sample = 8_192

/** Returns the first `maxBytes` of a file that is not a link. */
const head = (fs: FileSystem, path: string, maxBytes: number) =>
  Effect.scoped(Effect.gen(function*() {
    const file = yield* fs.open(path, { noFollow: true })
    const chunks: Array<Uint8Array> = []
    let size = 0
    while (size < maxBytes) {
      const chunk = yield* file.readAlloc(Math.min(maxBytes - size, 65_536))
      if (Option.isNone(chunk)) break
      chunks.push(chunk.value)
      size += chunk.value.length
    }
    return Buffer.concat(chunks)
  }))

/** Returns the bytes as text; undefined if they contain NUL or are not UTF-8. The last character may be incomplete. */
const textOf = (bytes: Uint8Array, whole: boolean): string | undefined => {
  if (bytes.includes(0)) return undefined
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: !whole })
  } catch {
    return undefined
  }
}

/** Returns whether a file begins with text. */
export const looksLikeText = (fs: FileSystem, path: string) =>
  Effect.map(head(fs, path, sample), (bytes) => textOf(bytes, bytes.length < sample) !== undefined)

/** Returns the content of a file: text, not text, or more than `maxBytes`. Never holds more than that in memory. */
export const readText = (fs: FileSystem, path: string, maxBytes: number) =>
  Effect.map(head(fs, path, maxBytes + 1), (bytes) => {
    if (bytes.length > maxBytes) return { _tag: "TooLarge" as const }
    const text = textOf(bytes, true)
    return text === undefined ? { _tag: "Binary" as const, bytes } : { _tag: "Text" as const, text, bytes }
  })
