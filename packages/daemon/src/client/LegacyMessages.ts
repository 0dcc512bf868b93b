import type { TaskEvent } from "@muster/domain"
import type { Schema } from "effect"

/** A message of a run as v0.3.1 words it. Source: `docs/protocol.md` 9.5. */
export interface LegacyMessage {
  readonly seq: number
  readonly type: "text" | "thinking" | "tool_use" | "tool_result" | "error"
  readonly tool?: string
  readonly content?: string
  readonly input?: { readonly [key: string]: Schema.Json }
  readonly output?: string
}

/** The maximum bytes of a tool's output in a message. */
const maxOutput = 8_192

/** The maximum number of tool calls that are followed at once; the oldest is forgotten. */
const maxOpen = 256

/** A call of a tool whose result is not told. */
interface Open {
  readonly name: string
  readonly input: Schema.Json | undefined
  /** Whether its use is told. */
  readonly told: boolean
  /** At most `maxOutput` bytes. */
  readonly output: string
}

/** The open calls by their ids: what later events are worded with. */
export type OpenTools = ReadonlyMap<string, Open>

const unnamed: Open = { name: "tool", input: undefined, told: false, output: "" }

/** The first `maxOutput` bytes, without a part of a character. */
const headOf = (text: string) =>
  Buffer.byteLength(text) <= maxOutput
    ? text
    : new TextDecoder().decode(Buffer.from(text).subarray(0, maxOutput), { stream: true })

const withOpen = (tools: OpenTools, id: string, open: Open): OpenTools => {
  const all = new Map(tools).set(id, open)
  if (all.size > maxOpen) all.delete(all.keys().next().value!)
  return all
}

const objectOf = (input: Schema.Json | undefined): { readonly [key: string]: Schema.Json } => {
  if (input === undefined || input === null) return {}
  return typeof input === "object" && !Array.isArray(input)
    ? input as { readonly [key: string]: Schema.Json }
    : { input }
}

type Words = Omit<LegacyMessage, "seq">
type Step = readonly [OpenTools, ReadonlyArray<Words>]

const onTool = (tools: OpenTools, body: Extract<TaskEvent.Body, { readonly kind: "tool" }>): Step => {
  const before = tools.get(body.id) ?? unnamed
  const name = body.title ?? (before.name === unnamed.name ? body.tool ?? before.name : before.name)
  const open: Open = { ...before, name, input: body.input ?? before.input }
  // Its input may come after it is announced.
  if (body.status === "pending") return [withOpen(tools, body.id, open), []]
  const use: ReadonlyArray<Words> = open.told
    ? []
    : [{ type: "tool_use", tool: name, input: objectOf(open.input) }]
  if (body.status === "running") return [withOpen(tools, body.id, { ...open, told: true }), use]
  const rest = new Map(tools)
  rest.delete(body.id)
  return [rest, [...use, { type: "tool_result", tool: name, output: open.output }]]
}

const onOutput = (tools: OpenTools, id: string, text: string): Step => {
  const open = tools.get(id) ?? unnamed
  if (Buffer.byteLength(open.output) >= maxOutput) return [tools, []]
  return [withOpen(tools, id, { ...open, output: headOf(open.output + text) }), []]
}

const step = (tools: OpenTools, body: TaskEvent.Body): Step => {
  switch (body.kind) {
    case "text":
      return [tools, [{ type: "text", content: body.text }]]
    case "thought":
      return [tools, [{ type: "thinking", content: body.text }]]
    case "error":
      return [tools, [{ type: "error", content: body.text }]]
    case "permission":
      return [tools, body.answer === "rejected" ? [{ type: "error", content: `not permitted: ${body.title}` }] : []]
    case "tool":
      return onTool(tools, body)
    case "output":
      return onOutput(tools, body.id, body.text)
    default:
      return [tools, []]
  }
}

/**
 * Returns the messages of these events, and the calls that are open after them. An event has at most two messages, whose
 * numbers follow from its own: the same events give the same messages. What v0.3.1 has no words for (turns, plans, usage,
 * notices, gaps) has none.
 */
export const legacyMessages = (
  tools: OpenTools,
  events: ReadonlyArray<TaskEvent.Sent>
): readonly [OpenTools, ReadonlyArray<LegacyMessage>] => {
  let open = tools
  const messages = events.flatMap(({ body, seq }) => {
    const [after, said] = step(open, body)
    open = after
    return said.map((message, index): LegacyMessage => ({ seq: seq * 2 - 1 + index, ...message }))
  })
  return [open, messages]
}
