import { Store, Task, TaskEvent, WireError } from "@muster/domain"
import { Effect, type Schema } from "effect"

const refuseOver = (what: string, bytes: number, max: number, of = "") =>
  bytes <= max
    ? Effect.void
    : Effect.fail(
      new WireError.TooLarge({
        error: `${what} ${bytes} bytes, more than the maximum of ${max / 1024} KiB${of}`,
        code: "too_large"
      })
    )

/** An event whose input of a tool is at most 100 levels deep. */
export const shallowBody = (body: TaskEvent.Body): TaskEvent.Body =>
  body.kind === "tool" && body.input !== undefined ? { ...body, input: Store.shallowJson(body.input) } : body

/** The bytes of a tool's input: of its JSON in UTF-8, or of the text that stands for a longer one. */
export const inputBytes = (input: Schema.Json): number =>
  Buffer.byteLength(typeof input === "string" ? input : JSON.stringify(input))

/** Fails with the bound that these events of one call exceed. A daemon that says `tasks-v1` cuts them before it sends them. */
export const refuseLargeEvents = Effect.fnUntraced(function*(bodies: ReadonlyArray<TaskEvent.Body>) {
  for (const body of bodies) {
    if (body.kind !== "tool" || body.input === undefined) continue
    yield* refuseOver("the input of a tool has", inputBytes(body.input), TaskEvent.maxToolInput)
  }
  const bytes = bodies.reduce((sum, body) => sum + TaskEvent.sizeOf(body), 0)
  yield* refuseOver("these events have", bytes, TaskEvent.maxAppendBytes, " of one call")
})

/** Fails if the result's text exceeds its bound. */
export const refuseLargeResult = (result: Task.Result | null) =>
  refuseOver("the text of the result has", Buffer.byteLength(result?.text ?? ""), Task.maxResultText)
