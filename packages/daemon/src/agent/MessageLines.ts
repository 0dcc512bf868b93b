import { GrowingBytes } from "@muster/kit"
import { Predicate } from "effect"

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

/**
 * Splits an agent's output into messages, one JSON object per line. Unlike `LineSplitter`, which bounds a whole short session,
 * it bounds each line: a task may write for hours. A line beyond the bound is left out, and reading goes on.
 */
export class MessageLines {
  private rest = new GrowingBytes()
  private skipping = false

  push(chunk: Uint8Array): ReadonlyArray<MessageLine> {
    const found: Array<MessageLine> = []
    for (let from = 0; from < chunk.length;) {
      const end = chunk.indexOf(newline, from)
      const part = chunk.subarray(from, end < 0 ? chunk.length : end)
      if (!this.skipping && this.rest.length + part.length > maxMessage) {
        this.skipping = true
        this.rest = new GrowingBytes()
        found.push(tooLong)
      }
      if (!this.skipping) this.rest.append(part)
      if (end < 0) break
      if (!this.skipping && this.rest.length > 0) {
        const { buffer, byteLength, byteOffset } = this.rest.view
        found.push(...readLine(Buffer.from(buffer, byteOffset, byteLength).toString("utf8")))
        // The room of a large message is not kept.
        if (byteLength > 1024 * 1024) this.rest = new GrowingBytes()
        else this.rest.clear()
      }
      this.skipping = false
      from = end + 1
    }
    return found
  }
}
