import { type Api, Codec, Masks, Store, TaskEvent, TextCuts } from "@muster/domain"
import type { Schema } from "effect"
import { bounded } from "./bounded.ts"
import { maskedJson } from "./maskedBody.ts"
import { inputBytes } from "./taskBounds.ts"

/** Of a longer input of a tool, so many bytes are kept. */
const keptInput = 8 * 1024

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

/** The input of a tool within its bound, masked; a larger one is the start of its JSON. */
const inputOf = (
  input: Schema.Json
): { readonly input: Schema.Json; readonly notices: ReadonlyArray<TaskEvent.Body> } => {
  const clean = Store.cleanJson(Store.shallowJson(input))
  if (inputBytes(clean) <= TaskEvent.maxToolInput) return { input: maskedJson(clean), notices: [] }
  const { notices, text } = bounded("the input of a tool", Masks.shapes.text(JSON.stringify(clean)), keptInput)
  return { input: `${text}…`, notices }
}

/** The output of a call in pieces, masked, and what is missing at its end. */
const outputOf = (id: string, output: string): ReadonlyArray<TaskEvent.Body> => {
  const text = Masks.shapes.text(Store.cleanText(shownOutput(output)))
  const kept = TextCuts.headOf(text, TaskEvent.keptOutput)
  let offset = 0
  const pieces = TextCuts.piecesOf(kept, TaskEvent.maxEventText).map((piece): TaskEvent.Body => {
    const body = { kind: "output", id, offset, text: piece } as const
    offset += Buffer.byteLength(piece)
    return body
  })
  const bytes = Buffer.byteLength(text) - offset
  return bytes === 0 ? pieces : [...pieces, { kind: "gap", id, bytes }]
}

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
  const pieces = TextCuts.piecesOf(part.text, TaskEvent.maxEventText)
  return [
    ...pieces.slice(0, -1).map((piece) => ({ kind, text: piece })),
    { kind, ...part, text: pieces.at(-1) ?? "" }
  ]
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
    const content = Store.cleanText(message.content ?? "")
    const tool = Masks.shapes.text(Codec.goString(message.tool))
    switch (type) {
      case "text":
        return say("text", content)
      case "thinking":
        return say("thought", content)
      case "tool_use": {
        said.clear()
        const id = newId()
        calls.push({ id, tool })
        const use = { kind: "tool", id, status: "running", title: tool } as const
        if (message.input == null) return [use]
        const { input, notices } = inputOf(message.input)
        return [{ ...use, input }, ...notices]
      }
      case "tool_result": {
        said.clear()
        const id = takeCall(calls, tool)?.id ?? newId()
        return [...outputOf(id, message.output ?? ""), { kind: "tool", id, status: "completed", title: tool }]
      }
      case "error":
        return TextCuts.piecesOf(Masks.shapes.text(content), TaskEvent.maxEventText).map((text) => ({
          kind: "error",
          text
        }))
      default:
        return []
    }
  })
}
