import { Effect, FileSystem, Path, Schema } from "effect"
import { promisify } from "node:util"
import { constants, zstdCompress, zstdDecompress } from "node:zlib"

/** The bound of an archive's content, in bytes. */
const maxLength = 256 * 1024 * 1024

/** How many files are written at once. */
const concurrency = 16

/** An archive is compressed: the length of its list as 4 bytes, the list as JSON, the bytes of the files in its order. */
const Entries = Schema.fromJsonString(
  Schema.Array(Schema.Struct({
    /** From the archive's folder, with slashes. */
    path: Schema.String,
    /** In bytes. Absent: a folder. Folders precede what is in them. */
    size: Schema.optionalKey(Schema.Int)
  }))
)

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** Returns a folder as one compressed block. `level`: of zstd, 1 (fast) to 19 (small). */
export const packFolder = Effect.fnUntraced(function*(folder: string, level: number) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const names = (yield* fs.readDirectory(folder, { recursive: true })).toSorted()
  const read = yield* Effect.forEach(names, (name) =>
    Effect.gen(function*() {
      const inside = path.join(folder, name)
      if ((yield* fs.stat(inside)).type === "Directory") return { entry: { path: name }, bytes: new Uint8Array() }
      const bytes = yield* fs.readFile(inside)
      return { entry: { path: name, size: bytes.length }, bytes }
    }))
  const list = Buffer.from(yield* Schema.encodeEffect(Entries)(read.map(({ entry }) => entry)))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(list.length)
  const content = Buffer.concat([length, list, ...read.map(({ bytes }) => bytes)])
  return yield* Effect.promise(() => compress(content, { params: { [constants.ZSTD_c_compressionLevel]: level } }))
})

/** Writes the files of an archive into a folder that exists. Only its owner can read them. */
export const unpackFolder = Effect.fnUntraced(function*(archive: string, folder: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const packed = yield* fs.readFile(archive)
  const content = yield* Effect.promise(() =>
    decompress(packed, { maxOutputLength: maxLength, chunkSize: 4 * 1024 * 1024 })
  )
  const start = 4 + content.readUInt32BE(0)
  const entries = yield* Effect.orDie(Schema.decodeEffect(Entries)(content.toString("utf8", 4, start)))
  const files: Array<readonly [path: string, bytes: Uint8Array]> = []
  let at = start
  for (const entry of entries) {
    const target = path.join(folder, entry.path)
    if (entry.size === undefined) yield* fs.makeDirectory(target, { mode: 0o700 })
    else files.push([target, content.subarray(at, at += entry.size)])
  }
  yield* Effect.forEach(files, ([file, bytes]) => fs.writeFile(file, bytes, { mode: 0o600 }), {
    concurrency,
    discard: true
  })
})
