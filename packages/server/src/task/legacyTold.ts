import { type Api, type Task, type TaskEvent, WireError } from "@muster/domain"
import { Effect, Predicate, type Schema } from "effect"

/** The highest position in a log. */
const maxSeq = 2 ** 31 - 1

/** The number of the message after which a list begins; absent or empty: 0. */
export const sinceFrom = (text: string | undefined) =>
  /^\d{0,10}$/.test(text ?? "") && Number(text ?? 0) <= maxSeq
    ? Effect.succeed(Number(text ?? 0))
    : Effect.fail(WireError.bad("invalid since parameter"))

const objectOf = (input: Schema.Json) =>
  Predicate.isObject(input) && !Array.isArray(input) ? input as { readonly [key: string]: Schema.Json } : { input }

/**
 * Events in the words of v0.3.1, in their order. What it has no words for (attempts, turns, plans, usage, notices, gaps, the end
 * of a call) is left out. Source: `docs/protocol.md` 9.10a.
 */
export const legacyTold = (
  id: Task.TaskId,
  events: ReadonlyArray<TaskEvent.TaskEvent>
): ReadonlyArray<Api.LegacyTold> => {
  const tools = new Map<string, string>()
  return events.flatMap(({ body, offset }): ReadonlyArray<Api.LegacyTold> => {
    const at = { task_id: id, seq: offset }
    switch (body.kind) {
      case "text":
        return [{ ...at, type: "text", content: body.text }]
      case "thought":
        return [{ ...at, type: "thinking", content: body.text }]
      case "error":
        return [{ ...at, type: "error", content: body.text }]
      case "tool": {
        const tool = body.title ?? tools.get(body.id) ?? body.tool ?? ""
        tools.set(body.id, tool)
        if (body.status !== "running") return []
        return [{ ...at, type: "tool_use", tool, ...(body.input !== undefined && { input: objectOf(body.input) }) }]
      }
      case "output": {
        const tool = tools.get(body.id)
        return [{ ...at, type: "tool_result", ...(tool !== undefined && { tool }), output: body.text }]
      }
      default:
        return []
    }
  })
}
