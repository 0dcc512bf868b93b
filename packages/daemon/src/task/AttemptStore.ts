import { Identity as DomainIdentity, Runtime, Task } from "@muster/domain"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { FileSystem } from "effect/FileSystem"
import { join } from "node:path"
import { parseServerUrl } from "../client/ServerUrl.ts"
import type { HeldTask } from "../client/TaskServer.ts"
import { makeDiskWriter, type NotKept, writeAtomically } from "../disk/DiskWrite.ts"
import { Identity } from "../identity/Identity.ts"
import { folderName } from "../request/ReportFolder.ts"

/** What is known of an attempt from its claim on. */
export const StoredAttempt = Schema.Struct({
  id: Task.TaskId,
  epoch: Schema.Int,
  runtimeId: Runtime.RuntimeId,
  workspaceId: DomainIdentity.WorkspaceId
})
export type StoredAttempt = typeof StoredAttempt.Type

/** The files of one attempt. Each operation ends within 5 s. */
export interface AttemptFiles {
  /** Appends to the log: whole lines, each ended by a line feed. */
  readonly appendLog: (lines: string) => Effect.Effect<void, NotKept>
  /** Bytes of the log from a position, at most `max`; fewer at its end. */
  readonly readLog: (from: number, max: number) => Effect.Effect<Uint8Array, NotKept>
  /** Stores the report of the end, so that it survives a crash of the process and of the machine. */
  readonly putEnd: (text: string) => Effect.Effect<void, NotKept>
  /** Removes all of it: the server has everything, or does not want it. */
  readonly remove: Effect.Effect<void, NotKept>
}

/** An attempt of an earlier process. `end`: the stored report of its end; none: it never ended. */
export interface LeftAttempt {
  readonly attempt: StoredAttempt
  readonly end: Option.Option<string>
  readonly files: AttemptFiles
}

/** Stores what the server does not have yet: the log of each attempt, and the report of its end. */
export class AttemptStore extends Context.Service<AttemptStore, {
  /** Its location, for people. */
  readonly place: string
  /** What earlier processes left, at most `maxLeft`; others stay stored until the next start. */
  readonly left: Effect.Effect<ReadonlyArray<LeftAttempt>>
  readonly open: (attempt: StoredAttempt) => Effect.Effect<AttemptFiles, NotKept>
}>()("@muster/daemon/task/AttemptStore") {
  /** Stores nothing beyond the process: for tests and simulations. */
  static readonly layerMemory = Layer.sync(this, () => ({
    place: "memory",
    left: Effect.succeed([]),
    open: () =>
      Effect.sync((): AttemptFiles => {
        let log = Buffer.alloc(0)
        return {
          appendLog: (lines) => Effect.sync(() => void (log = Buffer.concat([log, Buffer.from(lines)]))),
          readLog: (from, max) => Effect.sync(() => log.subarray(from, from + max)),
          putEnd: () => Effect.void,
          remove: Effect.sync(() => void (log = Buffer.alloc(0)))
        }
      })
  }))
}

/** The maximum number of attempts of earlier processes that a start takes up. */
const maxLeft = 64

/** The maximum size of a stored report, in bytes. */
const maxEnd = 1024 * 1024

const names = { attempt: "attempt.json", end: "end.json", log: "log.jsonl" } as const

const decodeAttempt = Schema.decodeUnknownOption(Schema.fromJsonString(StoredAttempt))

interface Disk {
  readonly fs: FileSystem
  readonly place: string
  readonly kept: Effect.Success<typeof makeDiskWriter>
}

const folderOf = ({ place }: Disk, { epoch, id }: HeldTask) => join(place, `${id}.${epoch}`)

const filesIn = ({ fs, kept }: Disk, folder: string): AttemptFiles => {
  const log = join(folder, names.log)
  return {
    appendLog: (lines) => kept(fs.writeFileString(log, lines, { flag: "a", mode: 0o600 })),
    readLog: (from, max) => {
      let read: Uint8Array = new Uint8Array(0)
      return kept(
        Effect.scoped(Effect.gen(function*() {
          const file = yield* fs.open(log, { flag: "r" })
          const { size } = yield* file.stat
          yield* file.seek(BigInt(from), "start")
          const bytes = new Uint8Array(Math.max(0, Math.min(max, Number(size) - from)))
          read = bytes.subarray(0, Number(yield* file.read(bytes)))
        })).pipe(Effect.catchIf(({ reason }) => reason._tag === "NotFound", () => Effect.void))
      ).pipe(Effect.map(() => read))
    },
    putEnd: (text) => kept(writeAtomically(fs, join(folder, names.end), join(folder, "end.draft"), text)),
    remove: kept(fs.remove(folder, { recursive: true, force: true }))
  }
}

/** A file's text; none: it is not there or too large. */
const textOf = ({ fs }: Disk, path: string) =>
  Effect.gen(function*() {
    const { size } = yield* fs.stat(path)
    return Number(size) > maxEnd ? Option.none() : Option.some(yield* fs.readFileString(path))
  }).pipe(Effect.orElseSucceed(() => Option.none<string>()))

/** The attempt in a folder; none: it has no readable record, and is removed. */
const leftIn = Effect.fnUntraced(function*(disk: Disk, name: string) {
  const folder = join(disk.place, name)
  const attempt = Option.flatMap(yield* textOf(disk, join(folder, names.attempt)), (text) => decodeAttempt(text))
  const files = filesIn(disk, folder)
  if (Option.isNone(attempt)) return yield* Effect.as(Effect.ignore(files.remove), [])
  return [{ attempt: attempt.value, end: yield* textOf(disk, join(folder, names.end)), files }]
})

/** `<data>/attempts/<server and identity>/<task id>.<epoch>/`, with files of mode 0600. */
export const layerAttemptFolder = (options: { readonly dataDir: string; readonly serverUrl: string }) =>
  Layer.effect(
    AttemptStore,
    Effect.gen(function*() {
      const { daemonId } = yield* Identity
      const { http } = yield* parseServerUrl(options.serverUrl)
      const place = join(options.dataDir, "attempts", folderName(http, daemonId))
      const disk: Disk = { fs: yield* FileSystem, place, kept: yield* makeDiskWriter }
      return AttemptStore.of({
        place,
        left: disk.fs.readDirectory(place).pipe(
          Effect.orElseSucceed((): Array<string> => []),
          Effect.flatMap((found) => Effect.forEach(found.slice(0, maxLeft), (name) => leftIn(disk, name))),
          Effect.map((found) => found.flat())
        ),
        open: (attempt) => {
          const folder = folderOf(disk, attempt)
          const record = Schema.encodeSync(Schema.fromJsonString(StoredAttempt))(attempt)
          return disk.kept(
            writeAtomically(disk.fs, join(folder, names.attempt), join(folder, "attempt.draft"), record)
          ).pipe(Effect.as(filesIn(disk, folder)))
        }
      })
    })
  )
