import type { RequestKind } from "@muster/domain"
import { Effect, Ref, Stream } from "effect"
import * as Stdio from "effect/Stdio"
import type { RequestView } from "./FollowRequest.ts"

type Stage = "waiting for the daemon" | "running on the machine" | "done" | "failed" | "timed out"

/** Where a request that timed out was when its time was over. */
export const timedOutWaiting = ({ terms }: RequestKind, { error }: RequestView): boolean =>
  error === terms.texts.pending

/** The stages that a record in this state has gone through, the last one being where it stands. */
export const stages = (kind: RequestKind, record: RequestView): ReadonlyArray<Stage> => {
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
 * Shows a request's way on stderr: on a terminal one line that changes in place, elsewhere one line per stage. Each stage
 * shows once, and none is left out, however quickly it went by.
 */
export const makeProgress = Effect.fnUntraced(function*(kind: RequestKind) {
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
