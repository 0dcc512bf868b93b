import { Predicate } from "effect"
import { textOf } from "../process/Bytes.ts"

/** What a line of an agent's output is; other lines, such as banners, are left out. */
export type MessageLine =
  | { readonly _tag: "Message"; readonly message: Readonly<Record<string, unknown>> }
  | { readonly _tag: "Notice"; readonly text: string }

/** The maximum size of one message, in bytes. */
const maxMessage = 10 * 1024 * 1024

const newline = 0x0a

const tooLong: MessageLine = {
  _tag: "Notice",
  text: `a message of the agent was larger than ${maxMessage / 1024 / 1024} MiB and was left out`
}

const garbled: MessageLine = { _tag: "Notice", text: "a message of the agent could not be read and was left out" }

const readLine = (text: string): ReadonlyArray<MessageLine> => {
  if (!text.trimStart().startsWith("{")) return []
  try {
    const message: unknown = JSON.parse(text)
    return Predicate.isObject(message) ? [{ _tag: "Message", message: message as Record<string, unknown> }] : []
  } catch {
    return [garbled]
  }
}

/** The room that is kept for the next message, in bytes. */
const keptRoom = 4 * 1024 * 1024

/**
 * Splits an agent's output into messages, one JSON object per line. Unlike `LineSplitter`, which bounds a whole short session,
 * it bounds each line: a task may write for hours. A line beyond the bound is left out, and reading goes on. Lines share one
 * room, so that a long output leaves no garbage that is collected late.
 */
export class MessageLines {
  private room = Buffer.alloc(0)
  private length = 0
  private skipping = false

  push(chunk: Uint8Array): ReadonlyArray<MessageLine> {
    const found: Array<MessageLine> = []
    for (let from = 0; from < chunk.length;) {
      const end = chunk.indexOf(newline, from)
      const part = chunk.subarray(from, end < 0 ? chunk.length : end)
      if (!this.skipping && this.length + part.length > maxMessage) {
        this.skipping = true
        this.clear()
        found.push(tooLong)
      }
      if (!this.skipping) {
        if (end < 0) this.append(part)
        else found.push(...readLine(this.lineWith(part)))
      }
      if (end < 0) break
      this.skipping = false
      from = end + 1
    }
    return found
  }

  /** The line that ends with this part. */
  private lineWith(part: Uint8Array): string {
    if (this.length === 0) return textOf(part)
    this.append(part)
    const line = textOf(this.room.subarray(0, this.length))
    this.clear()
    return line
  }

  private append(part: Uint8Array): void {
    const length = this.length + part.length
    if (length > this.room.length) {
      const room = Buffer.alloc(Math.max(2 * length, 64 * 1024))
      room.set(this.room.subarray(0, this.length))
      this.room = room
    }
    this.room.set(part, this.length)
    this.length = length
  }

  private clear(): void {
    this.length = 0
    if (this.room.length > keptRoom) this.room = Buffer.alloc(0)
  }
}
