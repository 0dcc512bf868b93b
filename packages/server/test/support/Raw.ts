import { Effect } from "effect"
import { connect } from "node:net"
import type { Answer } from "./Http.ts"

type RawAnswer = Pick<Answer, "status" | "text" | "json">

const read = (text: string): RawAnswer => {
  const [head = "", ...rest] = text.split("\r\n\r\n")
  const body = rest.join("\r\n\r\n")
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    json = undefined
  }
  return { status: Number(head.split(" ")[1] ?? 0), text: body, json }
}

/** Sends these bytes, as no real client would, and reads the response until the server closes. */
export const rawRequest = (url: string, bytes: string | Uint8Array): Effect.Effect<RawAnswer> => raw(url, bytes, false)

/** The same for a connection whose sending half ends after these bytes. */
export const rawCut = (url: string, bytes: string): Effect.Effect<RawAnswer> => raw(url, bytes, true)

const raw = (url: string, bytes: string | Uint8Array, cut: boolean): Effect.Effect<RawAnswer> =>
  Effect.callback<RawAnswer>((resume) => {
    const { hostname, port } = new URL(url)
    const chunks: Array<Buffer> = []
    const socket = connect(Number(port), hostname, () => cut ? socket.end(bytes) : socket.write(bytes))
    socket.on("data", (chunk: Buffer) => chunks.push(chunk))
    socket.on("error", () => {})
    socket.on("close", () => resume(Effect.succeed(read(Buffer.concat(chunks).toString()))))
    return Effect.sync(() => socket.destroy())
  })

/** A request as text, with `Connection: close` so that the response has an end. */
export const rawText = (line: string, headers: ReadonlyArray<string>, body = "") =>
  [`${line} HTTP/1.1`, "Host: localhost", "Connection: close", ...headers, "", body].join("\r\n")
