import { type Masks, Store, TaskEvent, TextCuts } from "@muster/domain"
import { stripVTControlCharacters } from "node:util"
import type { AgentEvent } from "../agent/AgentDriver.ts"
import { OutputCut } from "./OutputCut.ts"

/** The maximum number of tool calls whose output is followed at once; the oldest is ended when there are more. */
const maxOpen = 256

/** A text of this many characters is logged without waiting for more. */
const gathered = 4 * 1024

/** The characters of an output that are masked at once: each step copies them, and V8 collects large copies late. */
const maxPiece = 64 * 1024

/** In characters. */
const maxLine = 2_048

const line = (text: string) =>
  Store.cleanText(stripVTControlCharacters(text)).replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ").trim().slice(0, maxLine)
    .toWellFormed()

/** A text of several lines without control characters. */
const prose = (text: string) => Store.cleanText(text).replaceAll(/[^\P{Cc}\n\t]+/gu, "")

interface Output {
  readonly mask: Masks.MaskStream
  readonly cut: OutputCut
  pending: string
  offset: number
}

/**
 * Turns what a driver reports into events of the log, within their bounds: gathers chunks of text and output, cuts long output
 * in the middle, masks secrets, removes what no store can hold. Holds at most a few KiB per stream and the tails of outputs.
 */
export class EventShaper {
  private readonly masks: Masks.Masks
  private readonly outputs = new Map<string, Output>()
  private prose: { readonly kind: "text" | "thought"; readonly mask: Masks.MaskStream; pending: string } | undefined
  private fill: TaskEvent.Fill = { events: 0, bytes: 0 }
  private full = false

  constructor(masks: Masks.Masks) {
    this.masks = masks
  }

  /** Takes what the driver reports. Returns the events that are ready, in order. */
  push(event: AgentEvent): ReadonlyArray<TaskEvent.Body> {
    switch (event._tag) {
      case "Text":
        return this.onProse("text", event.text)
      case "Thought":
        return this.onProse("thought", event.text)
      case "Output":
        return this.bounded([...this.endProse(), ...this.onOutput(event.tool, event.text)])
      case "Tool":
        return this.bounded([...this.endProse(), ...this.onTool(event)])
      default:
        return this.bounded([...this.endProse(), ...this.other(event)])
    }
  }

  /** Adds an event of the daemon itself, after what waits. */
  add(body: TaskEvent.Body): ReadonlyArray<TaskEvent.Body> {
    return this.bounded([...this.endProse(), body])
  }

  /** What was gathered so far: to be called some time after the first chunk. */
  gather(): ReadonlyArray<TaskEvent.Body> {
    return this.bounded([
      ...this.takeProse(),
      ...[...this.outputs].flatMap(([id, output]) => this.takeOutput(id, output))
    ])
  }

  /** The end of all streams. */
  end(): ReadonlyArray<TaskEvent.Body> {
    return this.bounded([...this.endProse(), ...[...this.outputs.keys()].flatMap((id) => this.endOutput(id))])
  }

  private onProse(kind: "text" | "thought", text: string): ReadonlyArray<TaskEvent.Body> {
    const before = this.prose?.kind === kind ? [] : this.endProse()
    const current = this.prose ??= { kind, mask: this.masks.stream(), pending: "" }
    current.pending += prose(current.mask.push(text))
    return this.bounded(current.pending.length >= gathered ? [...before, ...this.takeProse()] : before)
  }

  private takeProse(): ReadonlyArray<TaskEvent.Body> {
    const current = this.prose
    if (current === undefined) return []
    const text = current.pending
    current.pending = ""
    return TextCuts.piecesOf(text, TaskEvent.maxEventText).map((piece) => ({ kind: current.kind, text: piece }))
  }

  private endProse(): ReadonlyArray<TaskEvent.Body> {
    if (this.prose === undefined) return []
    this.prose.pending += prose(this.prose.mask.flush())
    const events = this.takeProse()
    this.prose = undefined
    return events
  }

  private onOutput(id: string, text: string): ReadonlyArray<TaskEvent.Body> {
    const events: Array<TaskEvent.Body> = []
    let output = this.outputs.get(id)
    if (output === undefined) {
      if (this.outputs.size >= maxOpen) events.push(...this.endOutput(this.outputs.keys().next().value!))
      output = { mask: this.masks.stream(), cut: new OutputCut(), pending: "", offset: 0 }
      this.outputs.set(id, output)
    }
    for (const piece of TextCuts.piecesOf(text, maxPiece)) this.pass(output, output.mask.push(Store.cleanText(piece)))
    if (output.pending.length >= gathered) events.push(...this.takeOutput(id, output))
    return events
  }

  private pass(output: Output, text: string): void {
    const piece = output.cut.push(text)
    if (piece?._tag === "Text") output.pending += piece.text
  }

  private takeOutput(id: string, output: Output): ReadonlyArray<TaskEvent.Body> {
    const events = TextCuts.piecesOf(output.pending, TaskEvent.maxEventText).map((text) => {
      const offset = output.offset
      output.offset += Buffer.byteLength(text)
      return { kind: "output", id, offset, text } as const
    })
    output.pending = ""
    return events
  }

  private endOutput(id: string): ReadonlyArray<TaskEvent.Body> {
    const output = this.outputs.get(id)
    if (output === undefined) return []
    this.pass(output, output.mask.flush())
    this.outputs.delete(id)
    const head = this.takeOutput(id, output)
    const tail = output.cut.end().flatMap((piece): ReadonlyArray<TaskEvent.Body> => {
      if (piece._tag === "Gap") {
        output.offset += piece.bytes
        return [{ kind: "gap", id, bytes: piece.bytes }]
      }
      output.pending = piece.text
      output.offset = piece.offset
      return this.takeOutput(id, output)
    })
    return [...head, ...tail]
  }

  private onTool(event: Extract<AgentEvent, { readonly _tag: "Tool" }>): ReadonlyArray<TaskEvent.Body> {
    const over = event.status === "completed" || event.status === "failed"
    return [
      ...(over ? this.endOutput(event.id) : []),
      {
        kind: "tool",
        id: event.id.slice(0, 256),
        status: event.status,
        ...(event.title !== undefined && { title: line(this.masks.text(event.title)) }),
        ...(event.kind !== undefined && { tool: event.kind }),
        ...(event.input !== undefined && { input: this.inputOf(event.input) })
      }
    ]
  }

  /** The input of a tool as JSON; a larger one as the start of its text, and without what is nested too deep. */
  private inputOf(input: unknown) {
    const text = this.masks.text(Store.cleanText(JSON.stringify(Store.shallowJson(input as never)) ?? "null"))
    if (Buffer.byteLength(text) > TaskEvent.maxToolInput) return `${text.slice(0, 8 * 1024).toWellFormed()}…`
    try {
      return JSON.parse(text)
    } catch {
      // A mask or the removal of NUL cut an escape.
      return text
    }
  }

  private other(
    event: Exclude<AgentEvent, { readonly _tag: "Text" | "Thought" | "Output" | "Tool" }>
  ): ReadonlyArray<TaskEvent.Body> {
    const masked = (text: string) => line(this.masks.text(text))
    switch (event._tag) {
      case "Plan":
        return [{
          kind: "plan",
          entries: event.entries.slice(0, 100).map(({ status, text }) => ({
            text: masked(text),
            status: line(status).slice(0, 64)
          }))
        }]
      case "Usage":
        return [{
          kind: "usage",
          model: line(event.model ?? "").slice(0, 256),
          inputTokens: event.inputTokens,
          outputTokens: event.outputTokens,
          cacheReadTokens: event.cacheReadTokens,
          cacheWriteTokens: event.cacheWriteTokens,
          ...(event.costUsd !== undefined && { costUsd: event.costUsd }),
          meaning: event.meaning
        }]
      case "Permission":
        return [{ kind: "permission", id: event.tool.slice(0, 256), title: masked(event.title), answer: event.answer }]
      case "Notice":
        return [{ kind: "notice", text: masked(event.text) }]
    }
  }

  /** Keeps the log within its bounds: beyond them only what says how the task goes. */
  private bounded(events: ReadonlyArray<TaskEvent.Body>): ReadonlyArray<TaskEvent.Body> {
    return events.flatMap((body): ReadonlyArray<TaskEvent.Body> => {
      if (TaskEvent.isStored(this.fill, body)) {
        this.fill = { events: this.fill.events + 1, bytes: this.fill.bytes + TaskEvent.sizeOf(body) }
        return [body]
      }
      if (this.full) return []
      this.full = true
      return [{ kind: "notice", text: "the log of this task is full: what follows is not logged, the task goes on" }]
    })
  }
}
