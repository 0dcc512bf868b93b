import { Task, TaskEvent, WireError } from "@muster/domain"
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

/** How deep objects and lists in the input of a tool may be within each other. */
const maxDepth = 100

/** The same JSON, in which `…` stands for what is nested deeper than 100 levels: later steps are recursive. */
export const shallowJson = (value: Schema.Json, depth = 0): Schema.Json => {
  if (typeof value !== "object" || value === null) return value
  if (depth === maxDepth) return "…"
  if (Array.isArray(value)) return value.map((entry) => shallowJson(entry, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, shallowJson(entry as Schema.Json, depth + 1)])
  )
}

/** An event whose input of a tool is at most 100 levels deep. */
export const shallowBody = (body: TaskEvent.Body): TaskEvent.Body =>
  body.kind === "tool" && body.input !== undefined ? { ...body, input: shallowJson(body.input) } : body

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
