import { onMachineClock } from "@muster/kit"
import { Data, Effect, Fiber, Semaphore } from "effect"
import type { FileSystem } from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import { dirname } from "node:path"

/** Something could not be stored on the disk, or not be removed. `reason`: a few words, without a path. */
export class NotKept extends Data.TaggedError("NotKept")<{ readonly reason: string }> {
  override get message() {
    return this.reason
  }
}

/** The timeout of the disk, in ms. */
const timeout = 5_000

const reasons: Record<string, string> = {
  NotFound: "its folder is not there",
  PermissionDenied: "the folder may not be written",
  WriteZero: "the disk is full",
  TimedOut: "the disk does not answer"
}

const reasonOf = (error: PlatformError): string => {
  const cause = "cause" in error.reason ? error.reason.cause as { readonly code?: unknown } | undefined : undefined
  if (cause?.code === "ENOSPC" || cause?.code === "EDQUOT") return "the disk is full"
  return reasons[error.reason._tag] ?? (typeof cause?.code === "string" ? cause.code : error.reason._tag)
}

/**
 * Returns a function that runs writes, one at a time, since a disk serializes them anyway. Once begun, a write is finished
 * even if its caller is interrupted; the caller waits at most 5 s.
 */
export const makeDiskWriter = Effect.map(
  Semaphore.make(1),
  (pen) => (work: Effect.Effect<void, PlatformError>): Effect.Effect<void, NotKept> =>
    Effect.flatMap(Effect.forkDetach(pen.withPermit(work)), Fiber.join).pipe(
      Effect.mapError((error) => new NotKept({ reason: reasonOf(error) })),
      Effect.timeoutOrElse({
        duration: timeout,
        orElse: () => Effect.fail(new NotKept({ reason: reasons["TimedOut"]! }))
      }),
      onMachineClock
    )
)

const flush = (fs: FileSystem, path: string) =>
  Effect.scoped(Effect.flatMap(fs.open(path, { flag: "r" }), (file) => file.sync))

/** Writes a file atomically (mode 0600): to `draft`, which is flushed and renamed. Makes its folder if it is not there. */
export const writeAtomically = Effect.fnUntraced(function*(fs: FileSystem, path: string, draft: string, text: string) {
  const folder = dirname(path)
  yield* fs.makeDirectory(folder, { recursive: true, mode: 0o700 })
  yield* Effect.scoped(Effect.gen(function*() {
    const file = yield* fs.open(draft, { flag: "w", mode: 0o600 })
    yield* file.writeAll(new TextEncoder().encode(text))
    yield* file.sync
  })).pipe(
    Effect.andThen(fs.rename(draft, path)),
    Effect.tapError(() => Effect.ignore(fs.remove(draft)))
  )
  yield* flush(fs, folder)
})
