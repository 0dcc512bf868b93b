import { type Api, Quantity, type TaskEvent, ToolCall } from "@muster/domain"
import type { Style } from "../output/Style.ts"
import { printable } from "../output/Text.ts"

/** What a view prints: text for stdout, and whether the line is at its start afterwards. */
interface Shown {
  readonly out: string
}

/** In characters. */
const maxTitle = 200

// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]+/g

/** Untrusted text with its line breaks, without control characters. */
const prose = (text: string): string => text.replaceAll(controls, " ")

const titleOf = ({ title }: ToolCall.ToolCall): string => printable(title).slice(0, maxTitle)

/**
 * Turns the stream of a task into what a terminal shows: text as it comes, a line per call of a tool when it ends, thoughts
 * dimmed. Keeps no text, only the calls that run.
 */
export class TaskView {
  private readonly style: Style
  private readonly calls = new Map<string, ToolCall.ToolCall>()
  private atStart = true
  private tokens = 0
  private status: Api.TaskRecord["status"] = "queued"
  private since: number | undefined

  constructor(style: Style) {
    this.style = style
  }

  /** What an item of the stream adds to stdout. */
  show(item: Api.TaskStreamItem): Shown {
    switch (item.type) {
      case "task":
      case "end":
        this.status = item.task.status
        this.since ??= item.task.startedAt ?? undefined
        return { out: item.type === "end" ? this.line("") : "" }
      case "gap":
        return { out: this.line(this.style.dim(`… ${item.first - item.after - 1} entries are no longer kept …`)) }
      case "event":
        return { out: this.event(item.event) }
    }
  }

  /** Whether the last line on the screen has ended, so that a status line replaces nothing. */
  get isAtLineStart(): boolean {
    return this.atStart
  }

  /** The line of the present state, for a terminal. `now` in epoch ms. */
  statusLine(now: number): string {
    const [call] = [...this.calls.values()].slice(-1)
    return [
      this.status,
      this.since === undefined ? undefined : Quantity.duration(now - this.since),
      this.tokens === 0 ? undefined : `${Quantity.compact(this.tokens)} tokens`,
      call === undefined ? undefined : `${titleOf(call).slice(0, 60)} (${Quantity.duration(now - call.since)})`
    ].filter((part) => part !== undefined).join(" · ")
  }

  private event({ at, body }: TaskEvent.TaskEvent): string {
    const { bold, dim, red, yellow } = this.style
    switch (body.kind) {
      case "attempt":
        this.since = at
        return this.line(dim(
          `attempt ${body.number}: ${body.provider} ${printable(body.version)}${
            body.model === null ? "" : `, model ${printable(body.model)}`
          }${body.folder === null ? "" : `, in ${printable(body.folder)}`}${body.resumed ? ", going on" : ""}`
        ))
      case "text":
        return this.text(prose(body.text))
      case "thought":
        return this.text(dim(prose(body.text)), body.text.endsWith("\n"))
      case "tool":
        return this.tool(body, at)
      case "plan":
        return body.entries.map(({ status, text }) =>
          this.line(`  ${status === "completed" ? "✓" : "·"} ${printable(text)}`)
        ).join("")
      case "permission":
        return this.line(
          body.answer === "allowed"
            ? dim(`  allowed: ${printable(body.title)}`)
            : yellow(`  rejected by the policy: ${printable(body.title)}`)
        )
      case "usage":
        this.tokens = body.inputTokens + body.outputTokens
        return ""
      case "notice":
        return this.line(dim(`note: ${printable(body.text)}`))
      case "error":
        return this.line(red(`error: ${printable(body.text)}`))
      case "gap":
        return this.line(dim(`  … ${Quantity.compact(body.bytes)} bytes of output are not kept …`))
      case "turn":
        return body.phase === "begin" || body.stopReason === "end"
          ? ""
          : this.line(bold(`turn ended: ${body.stopReason}`))
      case "output":
        return ""
    }
  }

  private tool(body: Extract<TaskEvent.Body, { readonly kind: "tool" }>, at: number): string {
    const known = this.calls.get(body.id)
    const call = ToolCall.next(known, body, at)
    if (!ToolCall.isOver(call)) {
      ToolCall.remember(this.calls, call.id, { ...call, input: undefined })
      return ""
    }
    this.calls.delete(call.id)
    const { dim, green, red } = this.style
    const mark = call.status === "completed" ? green("✓") : red("✗")
    const took = known === undefined ? "" : dim(`  ${Quantity.duration(at - call.since)}`)
    return this.line(`${mark} ${titleOf(call)}${took}`)
  }

  /** Text goes on where the last one ended. */
  private text(text: string, endsLine = text.endsWith("\n")): string {
    if (text !== "") this.atStart = endsLine
    return text
  }

  /** A line of its own; an empty one only ends the line before. */
  private line(text: string): string {
    const before = this.atStart ? "" : "\n"
    this.atStart = true
    return text === "" ? before : `${before}${text}\n`
  }
}
