import { Deferred, Effect, Exit } from "effect"
import { spawn } from "node:child_process"

/** Takes a write lease on a file, reports it, and reports each time that a process that opens it has to wait. */
const holder = `
  $| = 1; $SIG{IO} = sub { print "asked\\n" };
  open(F, "+<", $ARGV[0]) or die "open: $!"; fcntl(F, 1024, 1) or die "lease: $!";
  print "held\\n"; sleep 1 while 1`

/**
 * Makes the `open` of a regular file block for all processes, by a lease of the kernel (`fcntl(2)`, F_SETLEASE). `stat` does
 * not show it. It ends with `release`, or by itself after 45 s.
 */
export const leaseOf = Effect.fnUntraced(function*(path: string) {
  const held = yield* Deferred.make<void, string>()
  const asked = yield* Deferred.make<void>()
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => spawn("perl", ["-e", holder, path], { stdio: ["ignore", "pipe", "pipe"] })),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )
  const ended = yield* Deferred.make<void>()
  let complaint = ""
  child.stderr.on("data", (chunk: Buffer) => complaint = chunk.toString())
  child.stdout.on("data", (chunk: Buffer) => {
    const said = chunk.toString()
    if (said.includes("held")) Deferred.doneUnsafe(held, Exit.void)
    if (said.includes("asked")) Deferred.doneUnsafe(asked, Exit.void)
  })
  child.once("close", () => {
    Deferred.doneUnsafe(held, Exit.fail(`perl could not take a lease: ${complaint}`))
    Deferred.doneUnsafe(ended, Exit.void)
  })
  yield* Effect.orDie(Deferred.await(held))
  return {
    /** Waits until a process waits for the file. */
    asked: Deferred.await(asked),
    release: Effect.andThen(Effect.sync(() => child.kill("SIGKILL")), Deferred.await(ended))
  }
})
