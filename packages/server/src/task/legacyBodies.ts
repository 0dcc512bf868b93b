import { type Api, Codec, Masks, Store, TaskEvent } from "@muster/domain"
import type { Schema } from "effect"
import { maskedBody } from "./maskedBody.ts"

export const cutText = (text: string | null | undefined, max: number): string =>
  Store.cleanText(text ?? "").slice(0, max).toWellFormed()

/** A tool result of Claude is JSON: a string in quotes, or blocks with text. */
const shownOutput = (output: string): string => {
  try {
    const value: unknown = JSON.parse(output)
    if (typeof value === "string") return value
    if (Array.isArray(value) && value.every((block) => typeof block?.text === "string")) {
      return value.map(({ text }) => text).join("\n")
    }
  } catch {
    // It is plain text.
  }
  return output
}

const sizeOf = (value: Schema.Json) => Buffer.byteLength(JSON.stringify(value))

type Said = "text" | "thought"

/** The last piece of each kind of text that the next message of this kind may continue. A tool call ends them. */
const continued = (before: ReadonlyArray<TaskEvent.Body>): Map<Said, Masks.MaskedPart> => {
  const said = new Map<Said, Masks.MaskedPart>()
  for (const body of before) {
    if (body.kind === "text" || body.kind === "thought") said.set(body.kind, body)
    else if (body.kind === "tool") said.clear()
  }
  return said
}

/** Masks what the agent says, message by message: a secret may begin in one and end in a later one. */
const makeSay = (said: Map<Said, Masks.MaskedPart>) => (kind: Said, text: string): ReadonlyArray<TaskEvent.Body> => {
  const before = said.get(kind)
  const part = Masks.shapes.part(text, before)
  const isSame = part.text === "" && before?.open?.within === part.open?.within &&
    before?.open?.tail === part.open?.tail
  if (text === "" || isSame) return []
  said.set(kind, part)
  return [{ kind, ...part }]
}

/** A tool call without a result so far. */
interface OpenCall {
  readonly id: string
  readonly tool: string
}

/** The open calls of a log, oldest first. */
const openCalls = (before: ReadonlyArray<TaskEvent.Body>): Array<OpenCall> => {
  const open = new Map<string, OpenCall>()
  for (const body of before) {
    if (body.kind !== "tool") continue
    if (body.status === "running") open.set(body.id, { id: body.id, tool: body.title ?? "" })
    else open.delete(body.id)
  }
  return [...open.values()]
}

/** Removes and returns the call that a result ends: the oldest one of its tool, else the oldest one. */
const takeCall = (open: Array<OpenCall>, tool: string): OpenCall | undefined => {
  const index = open.findIndex((call) => call.tool === tool)
  return open.splice(Math.max(0, index), 1)[0]
}

/**
 * Turns the messages of one report into masked events. `before`: the last events of the claim, which the report continues.
 * Tool calls have no ids there, so each gets one of its own.
 */
export const legacyBodies = (
  messages: ReadonlyArray<Api.LegacyMessage>,
  before: ReadonlyArray<TaskEvent.Body>,
  newId: () => string
): ReadonlyArray<TaskEvent.Body> => {
  const said = continued(before)
  const say = makeSay(said)
  const calls = openCalls(before)
  return messages.flatMap((message): ReadonlyArray<TaskEvent.Body> => {
    const type = Codec.goString(message.type)
    const content = cutText(message.content, TaskEvent.maxEventText)
    const tool = Masks.shapes.text(cutText(message.tool, 256))
    switch (type) {
      case "text":
        return say("text", content)
      case "thinking":
        return say("thought", content)
      case "tool_use": {
        said.clear()
        const id = newId()
        const input = message.input ?? null
        calls.push({ id, tool })
        return [maskedBody({
          kind: "tool",
          id,
          status: "running",
          title: tool,
          ...(input !== null && sizeOf(input) <= TaskEvent.maxToolInput && { input: Store.cleanJson(input) })
        })]
      }
      case "tool_result": {
        said.clear()
        const id = takeCall(calls, tool)?.id ?? newId()
        const text = Masks.shapes.text(cutText(shownOutput(message.output ?? ""), TaskEvent.maxEventText))
        return [
          ...(text === "" ? [] : [{ kind: "output", id, offset: 0, text } as const]),
          { kind: "tool", id, status: "completed", title: tool }
        ]
      }
      case "error":
        return content === "" ? [] : [{ kind: "error", text: Masks.shapes.text(content) }]
      default:
        return []
    }
  })
}
