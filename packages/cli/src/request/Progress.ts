import type { RequestKind } from "@muster/domain"
import { Effect, Ref, Stream } from "effect"
import * as Stdio from "effect/Stdio"
import type { RequestView } from "./FollowRequest.ts"

type Stage = "waiting for the daemon" | "running on the machine" | "done" | "failed" | "timed out"

/** Whether a request timed out before a daemon picked it up. */
export const timedOutWaiting = ({ terms }: RequestKind.RequestKind, { error }: RequestView): boolean =>
  error === terms.texts.pending

/** Returns the stages of a request so far; the last one is the current stage. */
const stages = (kind: RequestKind.RequestKind, record: RequestView): ReadonlyArray<Stage> => {
  switch (record.status) {
    case "pending":
      return ["waiting for the daemon"]
    case "running":
      return ["waiting for the daemon", "running on the machine"]
    case "completed":
      return ["waiting for the daemon", "running on the machine", "done"]
    case "failed":
      return ["waiting for the daemon", "running on the machine", "failed"]
    case "timeout":
      return timedOutWaiting(kind, record)
        ? ["waiting for the daemon", "timed out"]
        : ["waiting for the daemon", "running on the machine", "timed out"]
  }
}

const clearLine = "\r\u001B[2K"

/**
 * Prints a request's stages to stderr: on a terminal one line that is updated in place, else one line per stage. Each stage
 * is printed once; none is left out.
 */
export const makeProgress = Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
  const stdio = yield* Stdio.Stdio
  const inPlace = yield* stdio.stderrIsTerminal
  const shown = yield* Ref.make(0)
  const write = (text: string) => Stream.run(Stream.succeed(text), stdio.stderr()).pipe(Effect.ignore)
  return Effect.fnUntraced(function*(record: RequestView) {
    const passed = stages(kind, record)
    const fresh = passed.slice(yield* Ref.getAndSet(shown, passed.length))
    if (fresh.length === 0) return
    if (!inPlace) return yield* write(fresh.map((stage) => `${stage}\n`).join(""))
    const last = record.status === "pending" || record.status === "running" ? " …" : "\n"
    yield* write(`${clearLine}${passed.join(" → ")}${last}`)
  })
})
