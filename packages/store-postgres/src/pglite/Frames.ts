/** The frames of PostgreSQL's wire protocol, as far as the bridge must tell them apart. */

/** What a client's first packet asks for. */
export type Opening = "startup" | "cancel" | "ssl"

/** Frames up to one at which the server answers, and the queries that they carry. */
export interface Batch {
  readonly bytes: Uint8Array
  readonly queries: ReadonlyArray<string>
}

const codes: Record<number, Opening> = { 80877102: "cancel", 80877103: "ssl" }

/** Sync, Query, Flush, FunctionCall: after these the server says something. CopyDone and CopyFail end a copy. */
const ends = new Set(["S", "Q", "H", "F", "c", "f"])

/** The first packet, which has no type byte: what it is and how long, or undefined while it is not all there. */
export const readOpening = (bytes: Buffer): { readonly opening: Opening; readonly length: number } | undefined => {
  if (bytes.length < 8 || bytes.length < bytes.readUInt32BE(0)) return undefined
  return { opening: codes[bytes.readUInt32BE(4)] ?? "startup", length: bytes.readUInt32BE(0) }
}

const terminated = (bytes: Buffer, from: number) => {
  const end = bytes.indexOf(0, from)
  return { text: bytes.toString("utf8", from, end), next: end + 1 }
}

/** The query of a Query or Parse frame; empty for any other. */
const queryOf = (type: string, body: Buffer): string => {
  if (type === "Q") return terminated(body, 0).text
  return type === "P" ? terminated(body, terminated(body, 0).next).text : ""
}

/** Whole batches at the head of what a client sent, and whether it said goodbye. */
export const readBatches = (bytes: Buffer) => {
  const batches: Array<Batch> = []
  let queries: Array<string> = []
  let start = 0
  let at = 0
  while (bytes.length - at >= 5) {
    const type = String.fromCharCode(bytes[at]!)
    const next = at + 1 + bytes.readUInt32BE(at + 1)
    if (next > bytes.length) break
    if (type === "X") return { batches, rest: Buffer.alloc(0), ended: true }
    const query = queryOf(type, bytes.subarray(at + 5, next))
    if (query !== "") queries.push(query)
    at = next
    if (!ends.has(type)) continue
    batches.push({ bytes: bytes.subarray(start, at), queries })
    queries = []
    start = at
  }
  return { batches, rest: bytes.subarray(start), ended: false }
}

/** A server's answer taken apart: notifications, everything else, and the transaction status if it came to one. */
export const readReply = (reply: Uint8Array) => {
  const bytes = Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength)
  const own: Array<Buffer> = []
  const notifications: Array<Buffer> = []
  let status: string | undefined
  for (let at = 0; at + 5 <= bytes.length;) {
    const message = bytes.subarray(at, at + 1 + bytes.readUInt32BE(at + 1))
    const type = String.fromCharCode(message[0]!)
    if (type === "Z") status = String.fromCharCode(message[5]!)
    if (type === "A") notifications.push(message)
    else own.push(message)
    at += message.length
  }
  return { own: Buffer.concat(own), notifications, status }
}

const frame = (type: string, body: Uint8Array): Buffer => {
  const head = Buffer.alloc(5)
  head.write(type, "latin1")
  head.writeUInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

/** What a server says to a client it lets in: authenticated, a key for cancelling, idle. */
export const greeting: Buffer = Buffer.concat([
  frame("R", new Uint8Array(4)),
  frame("K", new Uint8Array(8)),
  frame("Z", Buffer.from("I"))
])

/** A simple query. */
export const queryFrame = (text: string): Buffer => frame("Q", Buffer.from(`${text}\0`))
