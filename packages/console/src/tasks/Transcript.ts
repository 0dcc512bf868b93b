import { type Api, type TaskEvent, ToolCall } from "@muster/domain"

/** Bounds of what a page keeps of a log: beyond one of them, the oldest blocks leave it, a tenth at a time. */
export const maxBlocks = 1_000
export const maxSize = 8 * 1024 * 1024

/** The maximum characters of one block of text; longer text goes on in the next block, if possible at a line break. */
export const maxText = 8 * 1024

/** A piece of a call's output, or the number of its bytes that are not kept at this position. */
export type Output = { readonly text: string } | { readonly missing: number }

/** A call of a tool with its output. `isLost`: its attempt has ended, and its end was not reported. */
export interface CallBlock {
  readonly kind: "tool"
  readonly call: ToolCall.ToolCall
  readonly output: ReadonlyArray<Output>
  readonly isLost: boolean
}

type Of<Kind extends TaskEvent.Kind> = Extract<TaskEvent.Body, { readonly kind: Kind }>

type Content =
  | CallBlock
  | Of<"text" | "thought" | "plan" | "permission" | "notice" | "error" | "attempt">
  /** A turn that ended other than by itself. */
  | { readonly kind: "stop"; readonly reason: string }
  /** Output that is not kept, of a call that is not on the page. */
  | { readonly kind: "missing"; readonly bytes: number }
  /** Entries that are no longer kept. */
  | { readonly kind: "lost"; readonly entries: number }

/** What people read as one thing. */
export interface Block {
  /** Differs from that of every other block of the log. */
  readonly key: string
  /** The offset of its first entry. */
  readonly offset: number
  /** Epoch ms. */
  readonly at: number
  /** About the characters of its texts. */
  readonly size: number
  readonly content: Content
}

/** What a page shows of a log: blocks from one offset on, at most `maxBlocks`. */
export interface Transcript {
  readonly blocks: ReadonlyArray<Block>
  /** The sum of the sizes of the blocks. */
  readonly size: number
  /** Entries up to this offset are not in the blocks. */
  readonly from: number
  /** The offset of the last entry that was read. */
  readonly last: number
  /** The tokens that the last usage reported. */
  readonly tokens: number
  /** The calls of the present attempt, by id, with the key of their block. */
  readonly calls: ReadonlyMap<string, { readonly call: ToolCall.ToolCall; readonly key: string }>
}

export const emptyTranscript = (after: number): Transcript => ({
  blocks: [],
  size: 0,
  from: after,
  last: after,
  tokens: 0,
  calls: new Map()
})

export type LogItem = Exclude<Api.TaskStreamItem, { readonly type: "task" }>

/** The size of a block without its texts. */
const frame = 100

const callSize = ({ input, title }: ToolCall.ToolCall): number =>
  frame + title.length + (input === undefined ? 0 : JSON.stringify(input).length)

const partSize = (part: Output): number => "text" in part ? part.text.length : frame

const sizeOf = (content: Content): number => {
  switch (content.kind) {
    case "tool":
      return content.output.reduce((sum, part) => sum + partSize(part), callSize(content.call))
    case "text":
    case "thought":
    case "notice":
    case "error":
      return frame + content.text.length
    case "plan":
      return content.entries.reduce((sum, { text }) => sum + text.length, frame)
    case "permission":
      return frame + content.title.length
    case "attempt":
      return frame + (content.folder?.length ?? 0)
    default:
      return frame
  }
}

/** Output with one more part. Pieces of text become one: a terminal sequence may be in two of them. */
const joined = (output: ReadonlyArray<Output>, part: Output): ReadonlyArray<Output> => {
  const before = output.at(-1)
  return before !== undefined && "text" in before && "text" in part
    ? [...output.slice(0, -1), { text: before.text + part.text }]
    : [...output, part]
}

/** Where a text that is too long goes on in the next block: behind a line break in its second half, if it has one. */
const breakOf = (text: string): number => {
  const line = text.lastIndexOf("\n", maxText - 1) + 1
  if (line > maxText / 2) return line
  // Not between the halves of a character.
  return (text.codePointAt(maxText - 1) ?? 0) > 0xFFFF ? maxText - 1 : maxText
}

/** One fold of a batch. Works on copies, so that the transcript before it stays as it was. */
class Folding {
  private readonly blocks: Array<Block>
  private readonly calls: Map<string, { readonly call: ToolCall.ToolCall; readonly key: string }>
  /** The index of each call's block; filled when it is needed. */
  private places: Map<string, number> | undefined
  private size: number
  private from: number
  private last: number
  private tokens: number

  constructor({ blocks, calls, from, last, size, tokens }: Transcript) {
    this.blocks = [...blocks]
    this.calls = new Map(calls)
    this.size = size
    this.from = from
    this.last = last
    this.tokens = tokens
  }

  take(item: LogItem): void {
    if (item.type === "end") return this.loseCalls()
    if (item.type === "gap") return this.noteLost(item.first - 1, 0)
    const { at, body, offset } = item.event
    if (offset <= this.last) return
    this.noteLost(offset - 1, at)
    this.last = offset
    this.event(body, at)
    this.trim()
  }

  result(): Transcript {
    const { blocks, calls, from, last, size, tokens } = this
    return { blocks, calls, from, last, size, tokens }
  }

  /** Notes that the entries up to an offset did not come. */
  private noteLost(to: number, at: number): void {
    if (to <= this.last) return
    const entries = to - this.last
    this.last = to
    this.push({ kind: "lost", entries }, at)
  }

  private push(content: Content, at: number, key = `${this.last} ${this.blocks.length} ${content.kind}`): void {
    const size = sizeOf(content)
    this.blocks.push({ key, offset: this.last, at, size, content })
    this.size += size
  }

  private replace(index: number, content: Content, size = sizeOf(content)): void {
    const block = this.blocks[index]!
    this.blocks[index] = { ...block, size, content }
    this.size += size - block.size
  }

  private event(body: TaskEvent.Body, at: number): void {
    switch (body.kind) {
      case "text":
      case "thought":
        return this.text(body.kind, body.text, at)
      case "tool":
        return this.tool(body, at)
      case "output":
        return this.output(body.id, { text: body.text }, at)
      case "gap":
        return body.id === null
          ? this.push({ kind: "missing", bytes: body.bytes }, at)
          : this.output(body.id, { missing: body.bytes }, at)
      case "usage":
        this.tokens = body.inputTokens + body.outputTokens
        return
      case "turn":
        if (body.phase === "end" && body.stopReason !== "end") this.push({ kind: "stop", reason: body.stopReason }, at)
        return
      case "attempt":
        this.loseCalls()
        this.calls.clear()
        return this.push(body, at)
      case "plan":
      case "permission":
      case "notice":
      case "error":
        return this.push(body, at)
    }
  }

  /** Text goes on where the last one ended. */
  private text(kind: "text" | "thought", text: string, at: number): void {
    const before = this.blocks.at(-1)
    let rest = text
    if (before?.content.kind === kind) {
      const whole = before.content.text + text
      const end = whole.length <= maxText ? whole.length : breakOf(whole)
      this.replace(this.blocks.length - 1, { kind, text: whole.slice(0, end) })
      rest = whole.slice(end)
    }
    while (rest !== "") {
      const end = rest.length <= maxText ? rest.length : breakOf(rest)
      this.push({ kind, text: rest.slice(0, end) }, at)
      rest = rest.slice(end)
    }
  }

  private tool(body: Of<"tool">, at: number): void {
    const known = this.calls.get(body.id)
    const call = ToolCall.next(known?.call, body, at)
    const place = known === undefined ? undefined : this.placeOf(known.key)
    const key = place === undefined ? `call ${this.last}` : known!.key
    ToolCall.remember(this.calls, body.id, { call, key })
    if (place !== undefined) {
      const { content, size } = this.blocks[place]!
      const block = content as CallBlock
      return this.replace(place, { ...block, call }, size - callSize(block.call) + callSize(call))
    }
    this.push({ kind: "tool", call, output: [], isLost: false }, at, key)
    this.places?.set(key, this.blocks.length - 1)
  }

  /** Output of a call that is not on the page is left out; what is missing of one is noted. */
  private output(id: string, part: Output, at: number): void {
    const known = this.calls.get(id)
    const place = known === undefined ? undefined : this.placeOf(known.key)
    if (place === undefined) {
      if ("missing" in part) this.push({ kind: "missing", bytes: part.missing }, at)
      return
    }
    const { content, size } = this.blocks[place]!
    const block = content as CallBlock
    this.replace(place, { ...block, output: joined(block.output, part) }, size + partSize(part))
  }

  private placeOf(key: string): number | undefined {
    this.places ??= new Map(
      this.blocks.flatMap(({ content, key }, index) => content.kind === "tool" ? [[key, index] as const] : [])
    )
    return this.places.get(key)
  }

  /** The calls that have not ended will not end any more. */
  private loseCalls(): void {
    for (const [index, { content }] of this.blocks.entries()) {
      if (content.kind === "tool" && !ToolCall.isOver(content.call) && !content.isLost) {
        this.replace(index, { ...content, isLost: true })
      }
    }
  }

  private trim(): void {
    if (this.blocks.length <= maxBlocks && this.size <= maxSize) return
    let drop = 0
    let { size } = this
    while (this.blocks.length - drop > 1 && (this.blocks.length - drop > maxBlocks * 0.9 || size > maxSize * 0.9)) {
      size -= this.blocks[drop++]!.size
    }
    this.blocks.splice(0, drop)
    this.size = size
    this.from = this.blocks[0]!.offset - 1
    this.places = undefined
  }
}

/**
 * The transcript after these items of the log's stream. An entry that was read before is ignored; entries that did not come
 * are noted as lost.
 */
export const foldLog = (transcript: Transcript, items: ReadonlyArray<LogItem>): Transcript => {
  const folding = new Folding(transcript)
  for (const item of items) folding.take(item)
  return folding.result()
}

/** The call that has begun last among those that run; undefined: none does. */
export const runningCall = ({ blocks }: Transcript): ToolCall.ToolCall | undefined => {
  const found = blocks.findLast(({ content }) =>
    content.kind === "tool" && !content.isLost && !ToolCall.isOver(content.call)
  )
  return found?.content.kind === "tool" ? found.content.call : undefined
}
